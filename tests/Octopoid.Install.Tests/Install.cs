using System.Globalization;
using System.Text.Json.Nodes;

namespace Octopoid.Install.Tests;

/// <summary>What a person does with the chart: CRDs, install, update, uninstall; and a look at how things stand.</summary>
internal sealed class Install(Kubectl kubectl)
{
    /// <summary>Where the tests' tasks are.</summary>
    public const string Work = "work";

    private const string System = ControlPlane.OperatorNamespace;

    private static readonly string Crds = RepositoryRoot.Combine("crds");

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    /// <summary>Applies CRDs and chart, and waits until both replicas are ready.</summary>
    public async Task InstallAsync(string version)
    {
        await RunAsync(null, "apply", "--validate=false", "-f", Crds);
        await RunAsync(null, "wait", "--for=condition=Established", "--timeout=60s", "-f", Crds);
        foreach (var name in (string[])[System, Work])
        {
            await RunAsync($$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"{{name}}"} }""", "apply", "-f", "-");
        }

        await UpdateAsync(version);
    }

    /// <summary>Applies the chart with an image, and waits until both replicas of it are ready.</summary>
    public async Task UpdateAsync(string version)
    {
        await RunAsync(await ManifestsAsync(version), "apply", "-f", "-");
        await RunAsync(null, "-n", System, "rollout", "status", "deployment/octopoid-operator", "--timeout=90s");
    }

    /// <summary>Removes what the chart made.</summary>
    public async Task UninstallAsync()
    {
        var (code, output) = await kubectl.RunAsync(
            await ManifestsAsync(NodeFixture.Version), CancellationToken, "delete", "--ignore-not-found", "--timeout=60s", "-f", "-");

        // Without the CRDs there is no orchestrator to remove; kubectl says so, and removes the rest.
        Assert.True(code == 0 || output.Contains("no matches for kind \"AgentOrchestrator\"", StringComparison.Ordinal), output);
    }

    /// <summary>Removes every task.</summary>
    public Task RemoveTasksAsync() => RunAsync(null, "delete", "agenttasks", "--all", "--all-namespaces", "--timeout=60s");

    /// <summary>Removes the CRDs, and with them every object of our kinds.</summary>
    public Task RemoveCrdsAsync() => RunAsync(null, "delete", "--ignore-not-found", "--timeout=60s", "-f", Crds);

    /// <summary>Removes whatever a test has left.</summary>
    public async Task ClearAsync()
    {
        await UninstallAsync();
        await RemoveCrdsAsync();
        await RunAsync(null, "delete", "namespace", System, Work, "--ignore-not-found", "--timeout=120s");
    }

    /// <summary>Makes a pool of three and tasks whose agents work for a second.</summary>
    public Task GiveWorkAsync(int tasks) => RunAsync(
        "---\n{apiVersion: octopoid.dev/v1alpha1, kind: AgentBlueprint, metadata: {name: worker}, spec: {role: implementer, maxInstances: 3, "
        + "image: octopoid-agent:demo, scripts: {inline: {run: \"#!/bin/sh\\nsleep 1\\nfinish\\n\"}}}}\n"
        + string.Concat(Enumerable.Range(1, tasks).Select(i =>
            $"---\n{{apiVersion: octopoid.dev/v1alpha1, kind: AgentTask, metadata: {{name: t{i:00}}}, spec: {{prompt: Wait a second.}}}}\n")),
        "-n", Work, "apply", "--validate=false", "-f", "-");

    /// <summary>How many tasks are done.</summary>
    public async Task<int> DoneAsync() => (await ItemsAsync("agenttasks", Work)).Count(task => (string?)task["status"]?["state"] == "done");

    /// <summary>The name of the pod that leads; empty when none does.</summary>
    public async Task<(string Pod, DateTimeOffset? Since, int Transitions)> LeaderAsync()
    {
        var spec = JsonNode.Parse(await RunAsync(null, "-n", System, "get", "lease", "octopoid-operator", "-o", "json"))!["spec"]!;
        return (
            ((string?)spec["holderIdentity"] ?? "").Split('_')[0],
            (string?)spec["acquireTime"] is { } since ? DateTimeOffset.Parse(since, CultureInfo.InvariantCulture) : null,
            (int?)spec["leaseTransitions"] ?? 0);
    }

    /// <summary>What there is of a resource.</summary>
    public async Task<IReadOnlyList<JsonNode>> ItemsAsync(string resource, string? namespaceName) =>
        [.. JsonNode.Parse(await RunAsync(null, [.. namespaceName is null ? ["-A"] : (string[])["-n", namespaceName], "get", resource, "-o", "json"]))!["items"]!.AsArray().OfType<JsonNode>()];

    /// <summary>Runs kubectl; fails the test when it fails.</summary>
    public async Task<string> RunAsync(string? input, params IEnumerable<string> arguments)
    {
        var (code, output) = await kubectl.RunAsync(input, CancellationToken, arguments);
        Assert.True(code == 0, $"kubectl {string.Join(' ', arguments)}: {output}");
        return output;
    }

    /// <summary>Waits until something is so; says how things stand when it does not come about.</summary>
    public async Task UntilAsync(Func<Task<bool>> condition, string what, int seconds = 120)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(start) > TimeSpan.FromSeconds(seconds))
            {
                var (_, state) = await kubectl.RunAsync(null, CancellationToken, ["get", "agenttasks,jobs,pods", "-A", "-o", "wide"]);
                var (_, log) = await kubectl.RunAsync(null, CancellationToken, ["-n", System, "logs", "-l", "app.kubernetes.io/name=octopoid-operator", "--tail=20", "--prefix"]);
                Assert.Fail($"Not within {seconds} s: {what}.\n{state}\n{log}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, CancellationToken);
        }
    }

    private async Task<string> ManifestsAsync(string version)
    {
        var manifests = await Chart.RenderAsync(CancellationToken, "--set", "image.tag=" + version, "--set", "leaseSeconds=5");

        // Some clouds write a plus behind the number.
        var server = JsonNode.Parse(await RunAsync(null, "get", "--raw", "/version"))!;
        return Chart.ForVersion(manifests, Version.Parse($"{server["major"]}.{((string)server["minor"]!).TrimEnd('+')}"));
    }
}
