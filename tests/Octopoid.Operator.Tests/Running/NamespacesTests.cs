using System.Net;
using Octopoid.Core.Kinds;
using Octopoid.Testing;

namespace Octopoid.Operator.Tests.Running;

/// <summary>An operator that is told to serve some namespaces needs rights in those alone, and serves no other.</summary>
public sealed class NamespacesTests(OwnControlPlane fixture) : PoolTest(fixture), IClassFixture<OwnControlPlane>
{
    private const string Account = "scoped";

    [Fact]
    public async Task Two_namespaces_are_served_by_rights_in_them_and_a_third_is_left_alone()
    {
        string[] served = [Namespace, await Server.CreateNamespaceAsync(CancellationToken)];
        var other = await Server.CreateNamespaceAsync(CancellationToken);
        var rights = await Chart.RenderAsync(
            CancellationToken,
            "--set", "fullnameOverride=" + Account,
            "--set", $"watchNamespaces={{{string.Join(',', served)}}}",
            "--show-only", "templates/serviceaccount.yaml",
            "--show-only", "templates/rbac.yaml");
        await KubectlAsync(rights);
        foreach (var name in (string[])[.. served, other])
        {
            await KubectlAsync($"---\n{Blueprint(maxInstances: 1)}\n---\n{Task("t")}", "-n", name);
        }

        await using var first = FakeKubelet.Start(Server.KubeconfigPath, served[0], _ => Done);
        await using var second = FakeKubelet.Start(Server.KubeconfigPath, served[1], _ => Done);
        StartOperator(WriteFile("scoped.kubeconfig", Server.Kubeconfig(await TokenAsync())), 3, $"OCTOPOID_NAMESPACES={string.Join(',', served)}", "OCTOPOID_CREATE_ORCHESTRATOR=false");

        foreach (var name in served)
        {
            await UntilAsync(async () => await StateAsync(name) == FlowStates.Done, $"the task of {name} is done");
        }

        // Its limits hold for what it serves.
        await UntilAsync(async () => (await OrchestratorStatusAsync()) is { Running: 0, Pending: 0 }, "nothing runs or waits");
        Assert.Equal(FlowStates.Incoming, await StateAsync(other));
        var requests = Server.Audit!.Requests($"system:serviceaccount:{ControlPlane.OperatorNamespace}:{Account}", 0);
        Assert.NotEmpty(requests);
        Assert.DoesNotContain(requests, request => request.Code == (int)HttpStatusCode.Forbidden);
    }

    private async System.Threading.Tasks.Task KubectlAsync(string manifests, params IEnumerable<string> arguments)
    {
        var (code, output) = await Server.KubectlAsync(manifests, CancellationToken, [.. arguments, "apply", "--validate=false", "-f", "-"]);
        Assert.True(code == 0, output);
    }

    private async Task<string> TokenAsync() => (string)(await Server.SendAsync(
        HttpMethod.Post,
        $"/api/v1/namespaces/{ControlPlane.OperatorNamespace}/serviceaccounts/{Account}/token",
        """{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{}}""",
        "application/json",
        CancellationToken)).EnsureSuccess().Json["status"]!["token"]!;

    private async Task<string> StateAsync(string namespaceName) => (string)(await Server.GetAsync(
        $"/apis/octopoid.dev/v1alpha1/namespaces/{namespaceName}/agenttasks/t", CancellationToken)).EnsureSuccess().Json["status"]!["state"]!;
}
