using System.Text.Json.Nodes;
using Octopoid.Core.Kinds;
using Octopoid.EndToEnd.Tests.Agents;
using Octopoid.Testing.Clusters;
using Octopoid.Testing.Forges;

namespace Octopoid.EndToEnd.Tests;

/// <summary>Real pods whose agents open pull requests at a forge.</summary>
public sealed class PullRequestGateTests(ClusterFixture cluster)
{
    private const string Token = "ghp_thisMustNotBeSeenAnywhere0123456789ab";

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_ten_tasks_three_have_a_pull_request_open_and_a_merge_starts_exactly_one_more()
    {
        var space = await cluster.CreateNamespaceAsync();
        await cluster.CreateRepositoryAsync(space);
        await using var forge = await TestForge.StartAsync(TimeProvider.System);
        forge.AddToken(Token);
        var code = forge.Add("repositories", space);
        var courier = new Courier(Path.Combine(cluster.SharedFolder, "forge-" + space), code);
        await courier.PrepareAsync(CancellationToken);
        await cluster.ApplyAsync(
            space,
            [
                $"{{apiVersion: v1, kind: Secret, metadata: {{name: forge}}, stringData: {{token: \"{Token}\"}}}}",
                $"{{apiVersion: octopoid.dev/v1alpha1, kind: AgentRepository, metadata: {{name: r}}, spec: {{url: 'file:///shared/repositories/{space}.git', provider: github, "
                    + $"apiUrl: '{forge.ApiRoot}', apiSecretName: forge, pullRequests: {{maxOpen: 3, pollSeconds: 1, staleAfterSeconds: 60}}}}}}",
                Manifests.Blueprint(new JsonObject { ["maxInstances"] = 10 }, cluster.SharedFolder),
                .. Enumerable.Range(1, 10).Select(number => Manifests.Task($"t{number}", $"commit open:forge-{space} finish", new JsonObject { ["repository"] = "r" })),
            ]);

        await UntilOpenAsync(3);
        await CountsAsync(5);
        Assert.Equal(3, code.PullRequests.Count);
        Assert.Equal(3, (await cluster.PodsAsync(space)).Count);
        var pools = await cluster.KubectlAsync(null, "-n", space, "get", "agentblueprints", "-o", "wide");
        Assert.Matches("implementer .* Backpressured .* OpenPRLimit", pools);
        Assert.Matches("r +github +3 +0 +3 +Closed", await cluster.KubectlAsync(null, "-n", space, "get", "agentrepositories"));
        Assert.Equal(
            "3 pull requests of r are open and 0 more may be opened by agents at work; 3 are allowed.",
            (await cluster.GetAsync(space, "agentblueprints", "implementer", KindsJson.Default.AgentBlueprint)).Status!.Message);

        code.Merge(code.PullRequests[0].Number);
        await UntilOpenAsync(4);
        await CountsAsync(5);
        Assert.Equal(4, code.PullRequests.Count);
        Assert.Equal(4, (await cluster.PodsAsync(space)).Count);

        await cluster.UntilAsync(
            async () =>
            {
                courier.Deliver();
                Assert.True(code.OpenCount <= 3);
                code.PullRequests.Where(pull => pull.IsOpen).Take(1).ToList().ForEach(pull => code.Merge(pull.Number));
                var states = await cluster.KubectlAsync(null, "-n", space, "get", "agenttasks", "-o", "jsonpath={.items[*].status.state}");
                return states.Split(' ').All(state => state == FlowStates.Done);
            },
            "all ten are done",
            space);

        var told = await cluster.KubectlAsync(null, "-n", space, "get", "agenttasks,agentblueprints,agentrepositories,jobs,pods,events,configmaps", "-o", "yaml");
        Assert.DoesNotContain("ghp_", told + cluster.OperatorLog(), StringComparison.Ordinal);
        Assert.Contains("The gate is closed: ", told, StringComparison.Ordinal);

        Task UntilOpenAsync(int opened) => cluster.UntilAsync(
            async () =>
            {
                courier.Deliver();
                return code.PullRequests.Count >= opened
                    && (await cluster.GetAsync(space, "agentrepositories", "r", KindsJson.Default.AgentRepository)).Status is { OpenPullRequests: 3, ReservedPullRequests: 0 };
            },
            $"{opened} were opened",
            space);

        // What might start wrongly has had the time to.
        Task CountsAsync(int more)
        {
            var before = forge.Requests.Count;
            return cluster.UntilAsync(
                () =>
                {
                    courier.Deliver();
                    return Task.FromResult(forge.Requests.Count >= before + more);
                },
                $"{more} more counts",
                space);
        }
    }

    /// <summary>Carries agents' requests to the forge, since pods have no way out of the node: an agent lays down its branch, and takes up the number.</summary>
    private sealed class Courier(string folder, ForgeRepository code)
    {
        public async Task PrepareAsync(CancellationToken cancellationToken)
        {
            Directory.CreateDirectory(folder);
            await Script.RunAsync("chmod", ["a+rwX", folder], cancellationToken);
        }

        public void Deliver()
        {
            foreach (var ask in Directory.GetFiles(folder, "*.branch"))
            {
                var answer = Path.ChangeExtension(ask, ".number");
                if (!File.Exists(answer))
                {
                    File.WriteAllText(answer + ".new", $"{code.Open(File.ReadAllText(ask))}");
                    File.Move(answer + ".new", answer);
                }
            }
        }
    }
}
