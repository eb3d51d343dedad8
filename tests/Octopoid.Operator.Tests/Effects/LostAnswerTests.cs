using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Octopoid.Core.Admission;
using Octopoid.Core.Kinds;
using Octopoid.Core.Outcomes;
using Octopoid.Core.State;
using Octopoid.Kubernetes.Events;
using Octopoid.Kubernetes.Leases;
using Octopoid.Kubernetes.Transport;
using Octopoid.Operator.Effects;
using Octopoid.Operator.Hosting;
using Octopoid.Operator.Loop;
using Octopoid.Operator.Status;
using Octopoid.Testing;

namespace Octopoid.Operator.Tests.Effects;

/// <summary>A write that landed though its answer was lost counts as every other, once; what another has written counts for nothing here.</summary>
public sealed class LostAnswerTests : IAsyncLifetime
{
    private const string Claimed = """
        {"state":"claimed","attempt":1,"claim":{"blueprint":"implementer","attempt":1,"jobName":"job","claimedAt":"2026-03-01T12:00:00Z","holder":"me"}}
        """;

    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly Slot Slot = new("uid", new NamespacedName("work", "t"), new NamespacedName("work", "implementer"), 1, "job", SlotPhase.Claiming) { ClaimedAt = Noon };

    /// <summary>Its pauses take no time.</summary>
    private readonly FastTime _time = new(1000);

    private readonly SeenMetrics _seen = new();
    private ApiServerStub _stub = null!;
    private Leadership _leadership = null!;
    private Retries _retries = null!;
    private TaskEvents _events = null!;
    private AttemptMetrics _metrics = null!;
    private Inbox _inbox = null!;

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _stub = await ApiServerStub.StartAsync(_ => (200, ""), _time);
        _leadership = new Leadership(
            1, TimeProvider.System.GetTimestamp(), new LeaderElectionOptions { Namespace = "d", Name = "l", Identity = "me", LeaseDuration = TimeSpan.FromHours(1) }, TimeProvider.System);
        var (jitter, failures) = (new Jitter(new Random(1)), new FailureLog(_time));
        _retries = new Retries(jitter, _time, failures, NullLogger<Retries>.Instance);
        _events = new TaskEvents(new EventRecorder(
            new ApiTransport(_stub.Connection, _time, jitter, new ApiMetrics(_seen.Meters)), "octopoid.dev/operator", "test", _time, jitter, failures, _seen.Meters, NullLogger<EventRecorder>.Instance));
        _metrics = new AttemptMetrics(_seen.Meters, _time);
        _inbox = new Inbox(_time);
    }

    public async ValueTask DisposeAsync()
    {
        _events.Dispose();
        _retries.Dispose();
        _leadership.Dispose();
        _seen.Dispose();
        await _stub.DisposeAsync();
    }

    [Fact]
    public async Task A_claim_is_counted()
    {
        var server = new LossyServer(TaskWith("""{"state":"incoming"}"""));
        var effect = new ClaimTask(
            new TaskClient(new FencedTransport(server, _leadership), _stub.Watches), _retries, _metrics, _inbox, new OperatorIdentity("me", "1"), NullLogger<ClaimTask>.Instance);
        await effect.RunAsync(new Decision.Claim(Slot, ObservedTask.From(Parse(server)), "claimed"), CancellationToken);

        Assert.IsType<Fact.ClaimLanded>(Posted());
        Assert.Equal([10], _seen.Of("octopoid.task.wait"));
        Assert.Empty(_seen.Of("octopoid.claim.conflicts"));
    }

    [Theory]
    [InlineData("t", 1)]
    [InlineData("gone", 0)]
    public async Task A_claim_of_a_task_that_has_changed_is_a_conflict_and_one_of_a_task_that_is_gone_is_none(string name, int conflicts)
    {
        var task = ObservedTask.From(Parse(new LossyServer(TaskWith("{}"))));
        var effect = new ClaimTask(
            new TaskClient(new FencedTransport(new LossyServer(TaskWith("{}")), _leadership), _stub.Watches), _retries, _metrics, _inbox, new OperatorIdentity("me", "1"), NullLogger<ClaimTask>.Instance);
        await effect.RunAsync(
            new Decision.Claim(Slot with { Task = new NamespacedName("work", name) }, task with { Metadata = task.Metadata with { ResourceVersion = "0" } }, "claimed"), CancellationToken);

        Assert.IsType<Fact.ClaimRefused>(Posted());
        Assert.Equal(conflicts, _seen.Of("octopoid.claim.conflicts").Count);
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 0)]
    public async Task A_Job_is_counted_by_who_has_made_it(bool isFound, int started)
    {
        var server = new LossyServer(TaskWith(Claimed));
        if (isFound)
        {
            await CreateAsync(server);
            server = new LossyServer(server.Task) { Job = server.Job };
            Assert.IsType<Fact.JobLanded>(Posted());
        }

        var before = _seen.Of("octopoid.attempts.started").Count;
        await CreateAsync(server);

        Assert.IsType<Fact.JobLanded>(Posted());
        Assert.Equal(started, _seen.Of("octopoid.attempts.started").Count - before);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public async Task An_end_is_counted_by_who_has_recorded_it(bool isClaimed, int ended)
    {
        var server = new LossyServer(TaskWith(isClaimed ? Claimed : """{"state":"incoming","attempt":1,"attempts":[{"number":1,"job":"job"}]}"""));
        var transport = new FencedTransport(server, _leadership);
        var effect = new FinishAttempt(
            new TaskClient(transport, _stub.Watches), new ScriptsStore(transport), _retries, _events, _metrics, _inbox, _time, NullLogger<FinishAttempt>.Instance);
        await effect.RunAsync(new Decision.Finish(Slot, AttemptEnd.Failure(Reasons.AgentFailed, "no"), null, new RetryPolicy()), CancellationToken);

        Assert.IsType<Fact.FinishLanded>(Posted());
        Assert.Null(Parse(server).Status!.Claim);
        Assert.Equal(ended, _seen.Of("octopoid.attempts.ended").Count);
    }

    private static JsonObject TaskWith(string status) => JsonNode.Parse(
        """{"metadata":{"name":"t","namespace":"work","uid":"uid","resourceVersion":"1","creationTimestamp":"2026-03-01T11:59:50Z"},"spec":{"prompt":"Do it."},"status":""" + status + "}")!.AsObject();

    private static AgentTask Parse(LossyServer server) => server.Task.Deserialize(KindsJson.Default.AgentTask)!;

    private Task CreateAsync(LossyServer server)
    {
        var transport = new FencedTransport(server, _leadership);
        var effect = new CreateJob(
            transport, new TaskClient(transport, _stub.Watches), new ScriptsStore(transport), _stub.Watches, _retries, _events, _metrics, _inbox, NullLogger<CreateJob>.Instance);
        var blueprint = new AgentBlueprint
        {
            Metadata = new ObjectMeta { Name = "implementer", Namespace = "work", Uid = "b" },
            Spec = new AgentBlueprintSpec(1) { Image = "agent:1", Scripts = new BlueprintScripts { Inline = new Dictionary<string, string> { ["run"] = "exit 0" } } },
        };
        return effect.RunAsync(new Decision.CreateJob(Slot with { ClaimedTask = Parse(server) }, blueprint, null), CancellationToken);
    }

    private Fact Posted() => _inbox.TryTake(out var fact) ? fact : throw new InvalidOperationException("Nothing was posted.");
}
