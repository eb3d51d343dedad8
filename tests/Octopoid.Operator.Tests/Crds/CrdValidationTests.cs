using System.Net;
using System.Text.Json.Nodes;
using Octopoid.Testing;

namespace Octopoid.Operator.Tests.Crds;

/// <summary>Good and bad objects of every kind, sent to a real API server.</summary>
public sealed class CrdValidationTests(ControlPlaneFixture fixture)
{
    private static readonly Version FirstWithCel = new(1, 29);

    private readonly ControlPlane _server = fixture.ControlPlane;

    public static TheoryData<string, string> Cases(bool accepted, bool needsCel)
    {
        var data = new TheoryData<string, string>();
        foreach (var crdCase in CrdCase.All.Where(c => c.Accepted == accepted && c.NeedsCel == needsCel))
        {
            data.Add(crdCase.Plural, crdCase.Name);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cases), true, false)]
    public async Task Accepted(string plural, string name)
    {
        var answer = await DryCreateAsync(plural, name);

        Assert.True(answer.Code == HttpStatusCode.Created, answer.Body);
    }

    [Theory]
    [MemberData(nameof(Cases), false, false)]
    public async Task Refused(string plural, string name)
    {
        var answer = await DryCreateAsync(plural, name);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Code);
        Assert.Matches(Find(plural, name).Because, answer.Message);
    }

    [Theory]
    [MemberData(nameof(Cases), false, true)]
    public async Task Refused_by_a_rule(string plural, string name)
    {
        SkipWithoutCel();

        var answer = await DryCreateAsync(plural, name);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Code);
        Assert.Matches(Find(plural, name).Because, answer.Message);
    }

    [Fact]
    public async Task Too_many_parameters_are_refused()
    {
        var parameters = string.Join(", ", Enumerable.Range(0, 65).Select(i => $"p{i}: x"));

        var answer = await _server.SendAsync(
            HttpMethod.Post,
            "/apis/octopoid.dev/v1alpha1/namespaces/default/agenttasks?dryRun=All",
            $$"""
            {apiVersion: octopoid.dev/v1alpha1, kind: AgentTask, metadata: {name: t}, spec: {prompt: p, parameters: { {{parameters}} } } }
            """,
            "application/yaml",
            TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Code);
        Assert.Matches("spec.parameters.*(at most 64 properties|must have at most 64 items)", answer.Message);
    }

    [Theory]
    [InlineData("prompt", "\"other\"", "spec.prompt cannot change while the task is claimed")]
    [InlineData("title", "\"other\"", "spec.title cannot change while the task is claimed")]
    [InlineData("model", "\"other\"", "spec.model cannot change while the task is claimed")]
    [InlineData("baseBranch", "\"other\"", "spec.baseBranch cannot change while the task is claimed")]
    [InlineData("blockedBy", "[\"other\"]", "spec.blockedBy cannot change while the task is claimed")]
    [InlineData("parameters", "{\"other\":\"x\"}", "spec.parameters cannot change while the task is claimed")]
    [InlineData("flow", "\"other\"", "spec.flow is fixed from the first claim on")]
    [InlineData("repository", "\"other\"", "spec.repository is fixed from the first claim on")]
    public async Task A_claimed_tasks_text_is_fixed(string field, string value, string because)
    {
        SkipWithoutCel();
        var path = await CreateClaimedTaskAsync();

        var answer = await PatchAsync(path, $$"""{"spec":{"{{field}}":{{value}} } }""");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Code);
        Assert.Contains(because, answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_claimed_task_still_takes_a_persons_word()
    {
        var path = await CreateClaimedTaskAsync();

        var answer = await PatchAsync(
            path, """{"spec":{"priority":"P0","suspend":true,"cancel":true,"decision":{"attempt":1,"verdict":"reject"}}}""");

        Assert.True(answer.Code == HttpStatusCode.OK, answer.Body);
    }

    [Fact]
    public async Task An_unclaimed_tasks_text_may_change_but_its_flow_may_not()
    {
        var path = await CreateClaimedTaskAsync();
        (await PatchAsync($"{path}/status", """{"status":{"claim":null}}""")).EnsureSuccess();

        (await PatchAsync(path, """{"spec":{"prompt":"other"}}""")).EnsureSuccess();

        SkipWithoutCel();
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await PatchAsync(path, """{"spec":{"flow":"other"}}""")).Code);
    }

    [Theory]
    [InlineData("""{"status":{"attempt":0}}""", "status.attempt cannot go back")]
    [InlineData("""{"status":{"attempt":2}}""", "a claim is for the task's latest attempt")]
    public async Task A_run_number_is_kept_straight(string patch, string because)
    {
        SkipWithoutCel();
        var path = await CreateClaimedTaskAsync();

        var answer = await PatchAsync($"{path}/status", patch);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Code);
        Assert.Contains(because, answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Half_a_claim_is_refused()
    {
        var path = await CreateTaskAsync();

        var answer = await PatchAsync($"{path}/status", """{"status":{"attempt":1,"claim":{"blueprint":"implementer","attempt":1}}}""");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Code);
        Assert.Contains("status.claim.jobName", answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_done_task_stays_done()
    {
        SkipWithoutCel();
        var path = await CreateTaskAsync();
        (await PatchAsync($"{path}/status", """{"status":{"state":"done"}}""")).EnsureSuccess();

        var answer = await PatchAsync($"{path}/status", """{"status":{"state":"incoming"}}""");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Code);
        Assert.Contains("a done task stays done", answer.Message, StringComparison.Ordinal);
    }

    private static CrdCase Find(string plural, string name) => CrdCase.All.Single(c => c.Plural == plural && c.Name == name);

    private void SkipWithoutCel() => Assert.SkipWhen(
        _server.Version < FirstWithCel,
        $"Kubernetes {_server.Version} ignores CEL rules; {FirstWithCel} and newer (set KUBEBUILDER_ASSETS) are tested.");

    private Task<ApiAnswer> DryCreateAsync(string plural, string name)
    {
        var scope = plural == "agentorchestrators" ? "" : "namespaces/default/";
        return _server.SendAsync(
            HttpMethod.Post,
            $"/apis/octopoid.dev/v1alpha1/{scope}{plural}?dryRun=All",
            Find(plural, name).Yaml,
            "application/yaml",
            TestContext.Current.CancellationToken);
    }

    private async Task<string> CreateTaskAsync()
    {
        var space = await fixture.ControlPlane.CreateNamespaceAsync(TestContext.Current.CancellationToken);
        var tasks = $"/apis/octopoid.dev/v1alpha1/namespaces/{space}/agenttasks";
        const string Task = """{"apiVersion":"octopoid.dev/v1alpha1","kind":"AgentTask","metadata":{"name":"t"},"spec":{"prompt":"p"}}""";
        (await _server.SendAsync(HttpMethod.Post, tasks, Task, "application/json", TestContext.Current.CancellationToken)).EnsureSuccess();
        return $"{tasks}/t";
    }

    private async Task<string> CreateClaimedTaskAsync()
    {
        var path = await CreateTaskAsync();
        var claim = new JsonObject
        {
            ["blueprint"] = "implementer",
            ["attempt"] = 1,
            ["jobName"] = "t-12345678-1",
            ["claimedAt"] = "2026-01-02T03:04:05Z",
            ["holder"] = "operator-0",
        };
        var status = new JsonObject { ["attempt"] = 1, ["claimedBy"] = "implementer", ["claim"] = claim };
        (await PatchAsync($"{path}/status", new JsonObject { ["status"] = status }.ToJsonString())).EnsureSuccess();
        return path;
    }

    private Task<ApiAnswer> PatchAsync(string path, string patch) => _server.SendAsync(
        HttpMethod.Patch, path, patch, "application/merge-patch+json", TestContext.Current.CancellationToken);
}
