using Octopoid.Testing.Clusters;

[assembly: AssemblyFixture(typeof(Octopoid.Install.Tests.NodeFixture))]

// There is one orchestrator and one Lease: one install at a time.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace Octopoid.Install.Tests;

/// <summary>A real node that knows the operator's image in two versions, and the agents' image; nothing of ours is installed.</summary>
public sealed class NodeFixture : IAsyncLifetime
{
    /// <summary>The tag of the image of what is tested.</summary>
    public const string Version = "dev";

    /// <summary>The tag of an image with another version's number, to update from.</summary>
    public const string PreviousVersion = "previous";

    private static readonly string Image = RepositoryRoot.Combine("hack", "image.sh");

    private readonly TemporaryFolder _folder = new("octopoid-install-");
    private TestCluster? _cluster;

    /// <summary>kubectl, as administrator.</summary>
    public Kubectl Kubectl { get; private set; } = null!;

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _cluster = await TestCluster.StartAsync(CancellationToken);
        await Script.RunAsync(Image, ["agent"], CancellationToken);
        await Script.RunAsync(Image, ["operator", "octopoid-operator:" + Version], CancellationToken);
        await Script.RunAsync(Image, ["operator", "octopoid-operator:" + PreviousVersion, "0.0.9"], CancellationToken);
        foreach (var tag in (string[])["octopoid-agent:demo", "octopoid-operator:" + Version, "octopoid-operator:" + PreviousVersion])
        {
            await _cluster.LoadImageAsync(tag, CancellationToken);
        }

        Kubectl = new Kubectl(Path.Combine(await KubernetesBinaries.FolderAsync(CancellationToken), "kubectl"), _cluster.KubeconfigPath, _folder.Combine("kubectl-cache"));
        await new Install(Kubectl).ClearAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }

        await _folder.DisposeAsync();
    }
}
