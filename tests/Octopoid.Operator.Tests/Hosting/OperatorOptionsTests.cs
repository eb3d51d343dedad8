using Microsoft.Extensions.Logging;
using Octopoid.Operator.Hosting;

namespace Octopoid.Operator.Tests.Hosting;

public sealed class OperatorOptionsTests
{
    [Fact]
    public void What_is_not_said_has_its_default()
    {
        var options = Read("KUBECONFIG=/k");

        Assert.Equal("/k", options.KubeconfigPath);
        Assert.Equal("default", options.PodNamespace);
        Assert.Equal(TimeSpan.FromSeconds(15), options.LeaseDuration);
        Assert.True(options.CreateOrchestrator);
        Assert.Empty(options.Namespaces);
        Assert.Equal((null, null), (options.WebhookPort, options.WebhookSecrets));
        Assert.Equal((false, LogLevel.Information, false), (options.LogsJson, options.LogLevel, options.SendsOtlp));
    }

    [Fact]
    public void What_is_said_holds()
    {
        var options = Read(
            "KUBERNETES_SERVICE_HOST=10.0.0.1", "POD_NAMESPACE=system", "OCTOPOID_LEASE_SECONDS=60", "OCTOPOID_CREATE_ORCHESTRATOR=false",
            "OCTOPOID_WEBHOOK_PORT=8081", "OCTOPOID_WEBHOOK_SECRETS=/secrets",
            "OCTOPOID_NAMESPACES=team-a, team-b,,team-a", "OCTOPOID_LOG_FORMAT=json", "OCTOPOID_LOG_LEVEL=debug", "OTEL_EXPORTER_OTLP_ENDPOINT=http://otel:4317");

        Assert.Null(options.KubeconfigPath);
        Assert.Equal("system", options.PodNamespace);
        Assert.Equal(TimeSpan.FromSeconds(60), options.LeaseDuration);
        Assert.False(options.CreateOrchestrator);
        Assert.Equal(["team-a", "team-b"], options.Namespaces);
        Assert.Equal((8081, "/secrets"), (options.WebhookPort!.Value, options.WebhookSecrets));
        Assert.Equal((true, LogLevel.Debug, true), (options.LogsJson, options.LogLevel, options.SendsOtlp));
    }

    [Theory]
    [InlineData("OCTOPOID_LEASE_SECONDS=2", "OCTOPOID_LEASE_SECONDS is '2'; it must be a whole number from 3 to 3600.")]
    [InlineData("OCTOPOID_LEASE_SECONDS=15s", "OCTOPOID_LEASE_SECONDS is '15s'; it must be a whole number from 3 to 3600.")]
    [InlineData("OCTOPOID_CREATE_ORCHESTRATOR=yes", "OCTOPOID_CREATE_ORCHESTRATOR is 'yes'; it must be true or false.")]
    [InlineData("OCTOPOID_NAMESPACES=team-a,Team_B", "OCTOPOID_NAMESPACES has 'Team_B', which cannot be the name of a namespace.")]
    [InlineData("OCTOPOID_NAMESPACES=,", "OCTOPOID_NAMESPACES is ',', which names none; leave it unset to serve all.")]
    [InlineData("OCTOPOID_NAMESPACES= ", "OCTOPOID_NAMESPACES is ' ', which names none; leave it unset to serve all.")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=otel:4317", "OTEL_EXPORTER_OTLP_ENDPOINT is 'otel:4317'; it must be a URL that begins with http:// or https://.")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=/otel", "OTEL_EXPORTER_OTLP_ENDPOINT is '/otel'; it must be a URL that begins with http:// or https://.")]
    [InlineData("OCTOPOID_WEBHOOK_PORT=http", "OCTOPOID_WEBHOOK_PORT is 'http'; it must be a whole number from 0 to 65535.")]
    [InlineData("OCTOPOID_WEBHOOK_PORT=65536", "OCTOPOID_WEBHOOK_PORT is '65536'; it must be a whole number from 0 to 65535.")]
    [InlineData("OCTOPOID_WEBHOOK_PORT=8081", "OCTOPOID_WEBHOOK_PORT and OCTOPOID_WEBHOOK_SECRETS go together: set both, or neither.")]
    [InlineData("OCTOPOID_WEBHOOK_SECRETS=/secrets", "OCTOPOID_WEBHOOK_PORT and OCTOPOID_WEBHOOK_SECRETS go together: set both, or neither.")]
    [InlineData("OCTOPOID_LOG_FORMAT=xml", "OCTOPOID_LOG_FORMAT is 'xml'; it must be text or json.")]
    [InlineData("OCTOPOID_LOG_LEVEL=loud", "OCTOPOID_LOG_LEVEL is 'loud'; it must be one of trace, debug, information, warning, error.")]
    [InlineData("KUBECONFIG=", "KUBECONFIG is not set, and this is no pod: set it to the file that names the API server.")]
    public void What_makes_no_sense_is_refused_by_name(string variable, string expected)
    {
        Assert.False(OperatorOptions.TryRead(Variables("KUBECONFIG=/k", variable), out _, out var error));
        Assert.Equal(expected, error);
    }

    private static OperatorOptions Read(params string[] variables) =>
        OperatorOptions.TryRead(Variables(variables), out var options, out var error) ? options : throw new InvalidOperationException(error);

    /// <summary>Looks a variable up; said twice, the last holds.</summary>
    private static Func<string, string?> Variables(params string[] variables) =>
        name => variables.LastOrDefault(variable => variable.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..];
}
