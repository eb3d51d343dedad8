using System.Text;
using System.Text.Json;
using Octopoid.Core.State;
using Octopoid.Operator.Watch;

namespace Octopoid.Operator.Tests.Watch;

public sealed class ObservedJsonTests
{
    private const string Job = """
        {"new":[{"er":null}],"kind":"Job","status":{"active":1,"conditions":[
           null,{"type":"Suspended","status":"True"},{"type":"Failed","status":"False"},
           {"lastProbeTime":null,"reason":"DeadlineExceeded","status":"True","type":"Failed","x":{"y":[1]}},{"type":"Complete","status":"True"}]},
         "spec":{"metadata":{"name":"no"},"status":{"conditions":7}},
         "metadata":{
           "managedFields":[{"manager":"m","fieldsV1":{"f:metadata":{"f:labels":{".":{}}}}}],"generation":3,"selfLink":null,
           "ownerReferences":[
             {"kind":"Job","name":"other","uid":"other"},null,
             {"apiVersion":"v1","kind":"AgentTask","name":"t","uid":"task-1","controller":true,"blockOwnerDeletion":null,"new":{}},
             {"kind":"Job","name":"third","uid":"third","controller":false}],
           "labels":{"octopoid.dev/attempt":"2","odd":null,"octopoid.dev/task-uid":"task-1","octopoid.dev/task":"t"},
           "annotations":{"name":"no"},"name":"j\u00e4","namespace":"n","uid":"u","resourceVersion":"7"}}
        """;

    [Fact]
    public void A_Job_is_read_with_what_is_unknown_ignored()
    {
        var job = Read<ObservedJob>(Job);

        Assert.Equal(
            new ObservedJob
            {
                Metadata = new ObservedChildMeta
                {
                    Name = "jä",
                    Namespace = "n",
                    Uid = "u",
                    ResourceVersion = "7",
                    TaskUid = "task-1",
                    Attempt = 2,
                    ControllerUid = "task-1",
                },
                TerminalCondition = new ObservedJob.JobCondition("Failed", "DeadlineExceeded"),
            },
            job);
    }

    [Fact]
    public void A_pod_belongs_to_the_Job_that_controls_it_wherever_that_stands_among_its_owners()
    {
        var pod = Read<ObservedPod>(
            """
            {"metadata":{"name":"p","deletionTimestamp":"2026-03-01T12:00:00Z","ownerReferences":[
              {"kind":"Job","name":"first","uid":"1","controller":false},{"kind":"Job","name":"second","uid":"2","controller":true}]}}
            """);

        Assert.True(pod.Metadata is { IsBeingDeleted: true, TaskUid: null, Attempt: null });
        Assert.Equal(("second", "2"), (pod.Metadata.ControllerJob, pod.Metadata.ControllerUid));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"metadata":null,"status":null}""")]
    [InlineData("""{"metadata":{},"status":{}}""")]
    [InlineData("""{"metadata":{"name":null,"namespace":null,"labels":null,"ownerReferences":null,"deletionTimestamp":null},"status":{"conditions":null}}""")]
    [InlineData("""{"metadata":{"labels":{"octopoid.dev/attempt":"-1","octopoid.dev/task-uid":null},"ownerReferences":[{},null]},"status":{"conditions":[{}]}}""")]
    public void What_is_missing_or_null_is_read_as_nothing(string json) => Assert.Equal(new ObservedJob(), Read<ObservedJob>(json));

    [Theory]
    [InlineData("""{"metadata":7}""")]
    [InlineData("""{"metadata":{"name":7}}""")]
    [InlineData("""{"metadata":{"namespace":[]}}""")]
    [InlineData("""{"metadata":{"labels":[]}}""")]
    [InlineData("""{"metadata":{"labels":{"octopoid.dev/task-uid":{}}}}""")]
    [InlineData("""{"metadata":{"ownerReferences":{}}}""")]
    [InlineData("""{"metadata":{"ownerReferences":["x"]}}""")]
    [InlineData("""{"metadata":{"ownerReferences":[{"controller":"yes"}]}}""")]
    [InlineData("""{"status":[]}""")]
    [InlineData("""{"status":{"conditions":[[]]}}""")]
    public void What_is_of_another_form_is_refused_as_such(string json) => Assert.Throws<JsonException>(() => Read<ObservedJob>(json));

    [Fact]
    public async Task A_list_is_read_whole_however_its_bytes_are_cut()
    {
        var json = Encoding.UTF8.GetBytes($$$"""{"items":[{{{Job}}},{"metadata":{"name":"other"}}],"metadata":{"resourceVersion":"9"}}""");
        for (var size = 1; size < json.Length; size += 13)
        {
            var list = await JsonSerializer.DeserializeAsync(
                new SlowStream(json, size), ObservedJson.Default.JobList, TestContext.Current.CancellationToken);

            Assert.Equal("9", list!.Metadata!.ResourceVersion);
            Assert.Equal([Read<ObservedJob>(Job), new ObservedJob { Metadata = new() { Name = "other" } }], list.Items);
        }
    }

    [Fact]
    public void What_many_objects_have_in_common_is_kept_once()
    {
        var (one, other) = (Read<ObservedJob>(Job), Read<ObservedJob>(Job));

        Assert.Same(one.Metadata.TaskUid, one.Metadata.ControllerUid);
        Assert.Same(one.Metadata.Namespace, other.Metadata.Namespace);
        Assert.Same(one.TerminalCondition!.Value.Reason, other.TerminalCondition!.Value.Reason);
    }

    [Fact]
    public void Strings_that_share_a_place_are_not_taken_for_each_other()
    {
        var names = Enumerable.Range(0, 5000).Select(i => $"n-{i}").Append("\\u0061").Append("").Append(new string('x', 100)).ToList();

        Assert.Equal(
            names.Select(name => name.Replace("\\u0061", "a", StringComparison.Ordinal)),
            names.Select(name => Read<ObservedTask>($$$"""{"metadata":{"namespace":"{{{name}}}"},"spec":{}}""").Metadata.Namespace));
    }

    private static T Read<T>(string json) => (T)JsonSerializer.Deserialize(json, typeof(T), ObservedJson.Default)!;

    /// <summary>Gives its bytes in pieces of one size.</summary>
    private sealed class SlowStream(byte[] bytes, int size) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(size, buffer.Length)], cancellationToken);
    }
}
