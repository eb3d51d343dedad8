using System.Globalization;
using System.Net;
using Octopoid.Core.Admission;
using Octopoid.Core.Kinds;
using Octopoid.Testing;

namespace Octopoid.Operator.Tests.Running;

/// <summary>The chart's rights are those that the operator uses: by the API server's own log, none is missing and none is idle.</summary>
public sealed class RightsTests(OwnControlPlane fixture) : PoolTest(fixture), IClassFixture<OwnControlPlane>
{
    private const string Rbac = "/apis/rbac.authorization.k8s.io/v1";

    [Fact]
    public async Task Every_right_that_the_chart_gives_is_used_and_none_is_missing()
    {
        await Server.SendAsync(HttpMethod.Delete, "/apis/octopoid.dev/v1alpha1/agentorchestrators/default", null, "application/json", CancellationToken);
        await ApplyAsync(
            Blueprint(maxInstances: 3),
            "{apiVersion: v1, kind: Secret, metadata: {name: forge}, stringData: {token: t}}",
            "{apiVersion: octopoid.dev/v1alpha1, kind: AgentRepository, metadata: {name: app}, spec: {url: https://127.0.0.1:1/acme/app, "
            + "provider: github, apiUrl: https://127.0.0.1:1/api, apiSecretName: forge}}",
            "{apiVersion: octopoid.dev/v1alpha1, kind: AgentFlow, metadata: {name: asked}, spec: {transitions: [{from: incoming, to: ready}, "
            + "{from: ready, to: done, conditions: [{name: look, manual: true, onFail: incoming}]}]}}",
            Task("left-claimed"),
            Task("taken-name", ", suspend: true"),
            Task("asked", ", flow: asked"));
        await ClaimByHandAsync("left-claimed");
        await TakeJobNameAsync("taken-name");

        // A Job of which no pod comes is asked after: its Events tell why.
        StartOperator();
        await UntilUsedAsync("list events");
        await using var kubelet = FakeKubelet.Start(Server.KubeconfigPath, Namespace, _ => Done);
        await SendBackAsync("asked");
        await PatchAsync("agenttasks/taken-name", """{"spec":{"suspend":false}}""");
        await UntilUsedAsync("get jobs.batch");
        await UntilUsedAsync("patch events.events.k8s.io");

        // Who leads next finds the ConfigMap that the first has made.
        await StopOperatorAsync();
        StartOperator();
        await ApplyAsync(Task("second"));
        await UntilUsedAsync("get configmaps");
        await Server.SendAsync(
            HttpMethod.Patch,
            "/apis/octopoid.dev/v1alpha1/agentorchestrators/default",
            """{"spec":{"retention":{"jobSeconds":1,"doneSeconds":1}}}""",
            "application/merge-patch+json",
            CancellationToken);
        await UntilUsedAsync("delete jobs.batch");
        await UntilUsedAsync("delete agenttasks.octopoid.dev");
        await StopOperatorAsync();

        var granted = (await GrantedAsync($"{Rbac}/clusterroles/octopoid-operator"))
            .Union(await GrantedAsync($"{Rbac}/namespaces/{ControlPlane.OperatorNamespace}/roles/octopoid-operator-lease")).ToHashSet();
        await UntilAsync(
            () => System.Threading.Tasks.Task.FromResult(granted.IsSubsetOf(Used())), () => $"every right is used; not yet: {string.Join(", ", granted.Except(Used()))}", 20);
        Assert.Empty(Used().Except(granted));
        Assert.DoesNotContain(Server.Audit!.Requests(ControlPlane.OperatorUser, 0), request => request.Code == (int)HttpStatusCode.Forbidden);
    }

    private IReadOnlySet<string> Used() => Server.Audit!.RightsUsed(ControlPlane.OperatorUser);

    private System.Threading.Tasks.Task UntilUsedAsync(string right) =>
        UntilAsync(() => System.Threading.Tasks.Task.FromResult(Used().Contains(right)), $"the operator does: {right}");

    /// <summary>What a leader leaves that is killed between claim and Job.</summary>
    private async System.Threading.Tasks.Task ClaimByHandAsync(string name)
    {
        var job = AttemptNames.Job(name, (await TaskAsync(name)).Metadata.Uid, 1);
        var now = TimeProvider.System.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        await PatchAsync(
            $"agenttasks/{name}/status",
            $$$"""{"status":{"state":"claimed","claimedBy":"implementer","attempt":1,"claim":{"blueprint":"implementer","attempt":1,"jobName":"{{{job}}}","claimedAt":"{{{now}}}","holder":"gone","from":"incoming"} } }""");
    }

    /// <summary>Somebody else's Job has the name that an attempt's would have.</summary>
    private async System.Threading.Tasks.Task TakeJobNameAsync(string name) => await ApplyAsync(
        $"{{apiVersion: batch/v1, kind: Job, metadata: {{name: {AttemptNames.Job(name, (await TaskAsync(name)).Metadata.Uid, 1)}}}, "
        + "spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: i}]}}}}");

    /// <summary>Has a task's flow move it the same way again and again: Events that repeat become a series.</summary>
    private async System.Threading.Tasks.Task SendBackAsync(string name)
    {
        for (var times = 1; times <= 2; times++)
        {
            await UntilAsync(async () => (await TaskAsync(name)).Status is { State: "ready" }, "the task is ready");
            var comment = $"again {times}";
            await PatchAsync($"agenttasks/{name}", $$$"""{"spec":{"decision":{"attempt":0,"verdict":"reject","comment":"{{{comment}}}"} } }""");
            await UntilAsync(async () => (await TaskAsync(name)).Status?.Decision?.Comment == comment, "the decision is taken");
        }
    }

    private async Task<AgentTask> TaskAsync(string name) => (await TasksAsync()).Single(task => task.Metadata.Name == name);

    /// <summary>What a role grants, each as <see cref="AuditLog.Right"/> has it.</summary>
    private async Task<IReadOnlySet<string>> GrantedAsync(string path) =>
    (
        from rule in (await Server.GetAsync(path, CancellationToken)).EnsureSuccess().Json["rules"]!.AsArray()
        from verb in rule["verbs"]!.AsArray()
        from apiGroup in rule["apiGroups"]!.AsArray()
        from resource in rule["resources"]!.AsArray()
        select AuditLog.Right((string)verb!, (string)apiGroup!, (string)resource!)).ToHashSet();
}
