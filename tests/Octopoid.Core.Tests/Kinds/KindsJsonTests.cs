using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Octopoid.Core.Kinds;

namespace Octopoid.Core.Tests.Kinds;

public sealed class KindsJsonTests
{
    [Fact]
    public void An_object_is_read_with_what_is_unknown_ignored()
    {
        var task = JsonSerializer.Deserialize(
            """
            {"apiVersion":"octopoid.dev/v1alpha1","kind":"AgentTask",
             "metadata":{"name":"t","namespace":"n","uid":"u","resourceVersion":"7","managedFields":[{"manager":"m"}]},
             "spec":{"prompt":"p","priority":"P0","parameters":{"aB":"c"},"decision":{"attempt":2,"verdict":"retry"},"new":{"er":[1]}},
             "status":{"state":"claimed","attempts":[{"number":1,"outcome":"needs_continuation","tokens":{"input":5000000000}}]}}
            """,
            KindsJson.Default.AgentTask)!;

        Assert.Equal("u", task.Metadata.Uid);
        Assert.Equal(TaskPriority.P0, task.Spec.Priority);
        Assert.Equal("default", task.Spec.Flow);
        Assert.Equal("c", task.Spec.Parameters!["aB"]);
        Assert.Equal(DecisionVerdict.Retry, task.Spec.Decision!.Verdict);
        Assert.Equal(AttemptOutcome.NeedsContinuation, task.Status!.Attempts![0].Outcome);
        Assert.Equal(5_000_000_000, task.Status.Attempts[0].Tokens!.Input);
        Assert.Null(task.Status.Failures);
    }

    [Fact]
    public void A_status_is_written_with_nothing_but_what_is_set()
    {
        var status = new AgentTaskStatus
        {
            State = FlowStates.Incoming,
            NextEligibleTime = new DateTimeOffset(2026, 1, 2, 5, 4, 5, 600, TimeSpan.FromHours(2)),
            Attempts = [new() { Number = 1, HeadSHA = "abc", CostUSD = "0.12", Class = FailureClass.Infrastructure }],
        };

        Assert.Equal(
            """{"state":"incoming","attempts":[{"number":1,"class":"infrastructure","headSHA":"abc","costUSD":"0.12"}],""" +
            "\"nextEligibleTime\":\"2026-01-02T03:04:05.6Z\"}",
            JsonSerializer.Serialize(status, KindsJson.Default.AgentTaskStatus));
    }

    [Fact]
    public void No_limit_of_pull_requests_is_written_as_null()
    {
        var json = JsonSerializer.Serialize(new AgentOrchestratorSpec { MaxOpenPRs = null }, KindsJson.Default.AgentOrchestratorSpec);

        Assert.Contains("\"maxOpenPRs\":null", json, StringComparison.Ordinal);
        Assert.Null(JsonSerializer.Deserialize(json, KindsJson.Default.AgentOrchestratorSpec)!.MaxOpenPRs);
    }

    [Fact]
    public void Opaque_parts_come_out_as_they_went_in()
    {
        const string Spec = """
            {"podTemplate":{"spec":{"nodeSelector":{"A/b":"c"}}},
             "env":[{"name":"X","valueFrom":{"fieldRef":{"fieldPath":"p"}}}]}
            """;

        var spec = JsonSerializer.Deserialize(Spec, KindsJson.Default.AgentBlueprintSpec)!;
        var again = JsonSerializer.Serialize(spec, KindsJson.Default.AgentBlueprintSpec);

        Assert.Contains("""{"nodeSelector":{"A/b":"c"}}""", again, StringComparison.Ordinal);
        Assert.Contains("""[{"name":"X","valueFrom":{"fieldRef":{"fieldPath":"p"}}}]""", again, StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_object_is_what_is_read_from_an_empty_one()
    {
        Same(new AgentBlueprint(), KindsJson.Default.AgentBlueprint);
        Same(new AgentTask(), KindsJson.Default.AgentTask);
        Same(new AgentFlow { Spec = new() { Transitions = [new() { Conditions = [new()] }] } }, KindsJson.Default.AgentFlow,
            """{"spec":{"transitions":[{"conditions":[{}]}]}}""");
        Same(new AgentRepository(), KindsJson.Default.AgentRepository);
        Same(new AgentOrchestrator(), KindsJson.Default.AgentOrchestrator);

        static void Same<T>(T made, JsonTypeInfo<T> type, string json = "{}") =>
            Assert.Equal(JsonSerializer.Serialize(made, type), JsonSerializer.Serialize(JsonSerializer.Deserialize(json, type)!, type));
    }
}
