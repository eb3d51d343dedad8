using Octopoid.Testing;

namespace Octopoid.Operator.Tests.Running;

/// <summary>An operator that may not see all it must see starts nothing, and goes on by itself once it may.</summary>
public sealed class AccessTests(OwnControlPlane fixture) : PoolTest(fixture), IClassFixture<OwnControlPlane>
{
    private const string ClusterRole = "/apis/rbac.authorization.k8s.io/v1/clusterroles/octopoid-operator";

    [Fact]
    public async Task Without_the_list_of_Jobs_nothing_starts_and_with_it_all_is_done()
    {
        var role = (await Server.GetAsync(ClusterRole, CancellationToken)).EnsureSuccess().Json;
        var rule = role["rules"]!.AsArray().Single(rule => (string)rule!["resources"]![0]! == "jobs")!.AsObject();
        var granted = rule["verbs"]!.DeepClone();
        rule["verbs"] = new System.Text.Json.Nodes.JsonArray("get", "create");
        await GrantAsync(role);
        var since = Server.Audit!.Position;
        await using var observer = await AdmissionObserver.StartAsync(Server, CancellationToken);
        await using var kubelet = await WatchingKubelet.StartAsync(Server, Namespace, Done, _ => Pause(50), CancellationToken);
        await ApplyAsync([Blueprint(maxInstances: 2), .. Enumerable.Range(1, 10).Select(i => Task($"t{i}"))]);
        StartOperator();

        // It leads, and has been refused more than once: all that it would start without asking again, it would have started.
        await UntilAsync(async () => await HolderAsync() == "operator", "it leads");
        await UntilAsync(
            () => System.Threading.Tasks.Task.FromResult(Requests().Count(request => request is { Resource: "jobs", Verb: "list", Code: 403 }) >= 3),
            "the list was refused three times");
        Assert.DoesNotContain(Requests(), request => request.IsWrite && request.Resource is "jobs" or "agenttasks/status");

        rule["verbs"] = granted;
        await GrantAsync(role);
        await UntilDoneAsync(10);
        var account = await observer.AccountAsync(CancellationToken);
        Assert.Empty(account.Violations);
        Assert.Equal((2, 10), (account.Peak, account.Jobs));

        IReadOnlyList<AuditedRequest> Requests() => Server.Audit.Requests(ControlPlane.OperatorUser, since);
    }

    [Fact]
    public async Task Two_installs_in_one_cluster_count_each_other_and_make_each_Job_once()
    {
        const string other = "octopoid-other";

        // The Lease's rights in a namespace more, for the same account: what is tried is two leaders, not two accounts.
        var elsewhere = $$"""
            apiVersion: v1
            kind: Namespace
            metadata: {name: {{other}}}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: {name: lease, namespace: {{other}}}
            rules: [{apiGroups: [coordination.k8s.io], resources: [leases], verbs: [get, create, patch]}]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: lease, namespace: {{other}}}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: lease}
            subjects: [{kind: ServiceAccount, name: octopoid-operator, namespace: {{ControlPlane.OperatorNamespace}}}]
            """;
        var (code, output) = await Server.KubectlAsync(elsewhere, CancellationToken, "apply", "--validate=false", "-f", "-");
        Assert.True(code == 0, output);
        await using var observer = await AdmissionObserver.StartAsync(Server, CancellationToken);
        await using var kubelet = await WatchingKubelet.StartAsync(Server, Namespace, Done, _ => Pause(100), CancellationToken);
        await ApplyAsync(Blueprint(maxInstances: 3));
        StartOperator();
        await using var second = StartReplica("other", leaseSeconds: 3, other);
        await UntilAsync(async () => await HolderAsync() == "operator", "the first leads");
        await UntilAsync(
            async () => (await Server.GetAsync($"/apis/coordination.k8s.io/v1/namespaces/{other}/leases/octopoid-operator", CancellationToken)).Code
                == System.Net.HttpStatusCode.OK,
            "so does the second");
        await CreateTasksAsync(Enumerable.Range(1, 60).Select(i => $"t{i:00}"));

        await UntilDoneAsync(60);
        var account = await observer.AccountAsync(CancellationToken);
        WriteLine($"With two leaders, a maximum of 3: {account.Peak} at once.");

        // Each sees the other's claims and counts them, but only once they have landed: together they may start as many as two maxima.
        Assert.InRange(account.Peak, 1, 6);
        Assert.DoesNotContain(account.Violations, violation => !violation.Contains(" may.", StringComparison.Ordinal));
        Assert.Equal(60, account.Jobs);
        Assert.All(await TasksAsync(), task => Assert.Equal((1, 1), (task.Status!.Attempt, task.Status.Attempts!.Count)));
        await second.StopAsync(CancellationToken);
    }

    private async Task GrantAsync(System.Text.Json.Nodes.JsonNode role)
    {
        role["metadata"]!.AsObject().Remove("resourceVersion");
        (await Server.SendAsync(HttpMethod.Put, ClusterRole, role.ToJsonString(), "application/json", CancellationToken)).EnsureSuccess();
    }
}
