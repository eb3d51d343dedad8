namespace Octopoid.Chart.Tests;

/// <summary>What Helm says after an install.</summary>
public sealed class NotesTests
{
    [Theory]
    [InlineData("rollout status deployment/octopoid-operator")]
    [InlineData("examples/minimal.yaml")]
    [InlineData("WARNING: agents are not fenced in.")]
    [InlineData("WARNING: one replica.", "--set", "replicas=1")]
    [InlineData("WARNING: agents reach the API server", "--set", "networkPolicy.agents.namespaces={work}")]
    [InlineData("helm show crds CHART | kubectl apply --server-side --force-conflicts -f -", "--is-upgrade")]
    [InlineData("WARNING: no roles are made.", "--set", "rbac.create=false")]
    [InlineData("An AgentRepository with apiSecretName needs it to: --set 'rbac.secrets.NAMESPACE={NAME}'")]
    [InlineData("what `from` says is not in force", "--set", "networkPolicy.operator.enabled=false", "--set", "webhooks.from[0].podSelector.matchLabels.a=b")]
    [InlineData("WARNING: there are alerts, and no monitor.", "--set", "alerts.enabled=true", "--set", "metrics.assumePrometheusOperator=true")]
    [InlineData("https://a.example/webhooks/github (or /gitlab, /gitea)", "--set", "webhooks.enabled=true", "--set", "webhooks.secretName=s", "--set", "webhooks.ingress.enabled=true", "--set", "webhooks.ingress.host=a.example")]
    [InlineData("WARNING: the Ingress of webhooks names no certificate.", "--set", "webhooks.enabled=true", "--set", "webhooks.secretName=s", "--set", "webhooks.ingress.enabled=true", "--set", "webhooks.ingress.host=a.example")]
    public async Task They_say(string sentence, params string[] options) => Assert.Contains(sentence, await NotesAsync(options), StringComparison.Ordinal);

    [Theory]
    [InlineData("--set", "rbac.anySecret=true")]
    [InlineData("--set", "rbac.secrets.work={app-api}")]
    [InlineData("--set", "rbac.create=false")]
    public async Task They_do_not_speak_of_Secrets_where_some_may_be_read_or_roles_are_somebody_elses(params string[] options) =>
        Assert.DoesNotContain("Secret", await NotesAsync(options), StringComparison.Ordinal);

    [Fact]
    public async Task A_careful_install_is_warned_of_nothing() => Assert.DoesNotContain(
        "WARNING",
        await NotesAsync(
            "--set", "networkPolicy.agents.namespaces={work}", "--set", "networkPolicy.agents.apiServerCidrs={10.96.0.1/32}",
            "--set", "alerts.enabled=true", "--set", "metrics.podMonitor.enabled=true", "--set", "metrics.assumePrometheusOperator=true"),
        StringComparison.Ordinal);

    private static async Task<string> NotesAsync(params IReadOnlyList<string> options)
    {
        var (exitCode, notes, error) = await Testing.Chart.RunAsync(
            TestContext.Current.CancellationToken, ["notes", Testing.Chart.Release, "-n", ControlPlane.OperatorNamespace, .. options]);
        Assert.True(exitCode == 0, error);
        return notes;
    }
}
