using System.Net;
using System.Text.Json;
using Octopoid.Core.Kinds;
using Octopoid.Testing;
using Octopoid.Testing.Forges;

namespace Octopoid.Operator.Tests.Running;

/// <summary>The chart's narrower rights: in some namespaces alone, and to Secrets by name.</summary>
public sealed class NarrowRightsTests(OwnControlPlane fixture) : PoolTest(fixture), IClassFixture<OwnControlPlane>
{
    [Fact]
    public async Task Two_namespaces_are_served_by_rights_in_them_and_a_third_is_left_alone()
    {
        string[] served = [Namespace, await Server.CreateNamespaceAsync(CancellationToken)];
        var other = await Server.CreateNamespaceAsync(CancellationToken);
        var rights = await Chart.RenderAsync(
            CancellationToken,
            "--set", "fullnameOverride=scoped",
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
        StartOperator(WriteFile("scoped.kubeconfig", Server.Kubeconfig(await TokenAsync("scoped"))), 3, $"OCTOPOID_NAMESPACES={string.Join(',', served)}", "OCTOPOID_CREATE_ORCHESTRATOR=false");

        foreach (var name in served)
        {
            await UntilAsync(async () => await StateAsync(name) == FlowStates.Done, $"the task of {name} is done");
        }

        // Its limits hold for what it serves.
        await UntilAsync(async () => (await OrchestratorStatusAsync()) is { Running: 0, Pending: 0 }, "nothing runs or waits");
        Assert.Equal(FlowStates.Incoming, await StateAsync(other));
        var requests = Server.Audit!.Requests($"system:serviceaccount:{ControlPlane.OperatorNamespace}:scoped", 0);
        Assert.NotEmpty(requests);
        Assert.DoesNotContain(requests, request => request.Code == (int)HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_Secret_that_the_chart_names_is_read_and_no_other()
    {
        await using var forge = await TestForge.StartAsync(TimeProvider.System);
        forge.AddToken("t0ken", label: "operator");
        forge.Add("acme", "widgets");
        await KubectlAsync(await Chart.RenderAsync(
            CancellationToken,
            "--set", "fullnameOverride=named",
            "--set", $"rbac.secrets.{Namespace}={{mine}}",
            "--show-only", "templates/serviceaccount.yaml",
            "--show-only", "templates/rbac.yaml",
            "--show-only", "templates/rbac-secrets.yaml"));
        await ApplyAsync([.. ((string[])["mine", "other"]).SelectMany(name => (string[])
        [
            $"{{apiVersion: v1, kind: Secret, metadata: {{name: {name}}}, stringData: {{token: t0ken}}}}",
            $"{{apiVersion: octopoid.dev/v1alpha1, kind: AgentRepository, metadata: {{name: {name}}}, spec: {{url: 'https://forge.invalid/acme/widgets', provider: github, "
            + $"apiUrl: '{forge.ApiRoot}', apiSecretName: {name}, pullRequests: {{maxOpen: 5, pollSeconds: 1, staleAfterSeconds: 60}}}}}}",
        ])]);
        StartOperator(WriteFile("named.kubeconfig", Server.Kubeconfig(await TokenAsync("named"))), 3, $"OCTOPOID_NAMESPACES={Namespace}");

        await UntilAsync(async () => await ReadinessAsync("mine") is { Status: ConditionStatus.True }, "the one is counted");
        await UntilAsync(async () => await ReadinessAsync("other") is { Status: ConditionStatus.False, Reason: Reasons.SecretInvalid }, "of the other it is told that its Secret cannot be read");
    }

    private async Task<Condition?> ReadinessAsync(string repository) => JsonSerializer.Deserialize(
        (await Server.GetAsync(NamespacedPath($"agentrepositories/{repository}"), CancellationToken)).EnsureSuccess().Body, KindsJson.Default.AgentRepository)!
        .Status?.Conditions?.FirstOrDefault(condition => condition.Type == ConditionTypes.Ready);

    private async System.Threading.Tasks.Task KubectlAsync(string manifests, params IEnumerable<string> arguments)
    {
        var (code, output) = await Server.KubectlAsync(manifests, CancellationToken, [.. arguments, "apply", "--validate=false", "-f", "-"]);
        Assert.True(code == 0, output);
    }

    private async Task<string> TokenAsync(string account) => (string)(await Server.SendAsync(
        HttpMethod.Post,
        $"/api/v1/namespaces/{ControlPlane.OperatorNamespace}/serviceaccounts/{account}/token",
        """{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{}}""",
        "application/json",
        CancellationToken)).EnsureSuccess().Json["status"]!["token"]!;

    private async Task<string> StateAsync(string namespaceName) => (string)(await Server.GetAsync(
        $"/apis/octopoid.dev/v1alpha1/namespaces/{namespaceName}/agenttasks/t", CancellationToken)).EnsureSuccess().Json["status"]!["state"]!;
}
