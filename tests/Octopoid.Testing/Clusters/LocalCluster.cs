namespace Octopoid.Testing.Clusters;

/// <summary>The cluster of hack/cluster.sh. One that runs already is used and left running.</summary>
public sealed class LocalCluster : TestCluster
{
    private static readonly string Cluster = RepositoryRoot.Combine("hack", "cluster.sh");

    private readonly bool _isOurs;

    private LocalCluster(bool isOurs) => _isOurs = isOurs;

    public override string KubeconfigPath => Path.Combine(State, "kubeconfig");

    public override string SharedFolder => Path.Combine(State, "shared");

    private static string State => Environment.GetEnvironmentVariable("OCTOPOID_STATE") is { Length: > 0 } state
        ? Path.GetFullPath(state)
        : RepositoryRoot.Combine(".cluster");

    public static async Task<LocalCluster> CreateAsync(CancellationToken cancellationToken)
    {
        if (Directory.Exists(Path.Combine(State, "operator")))
        {
            throw new InvalidOperationException("The demo's operator serves this cluster; two would share no limits. Run make cluster-down first.");
        }

        var isOurs = !await Script.SucceedsAsync(Cluster, ["status"], cancellationToken);
        await Script.RunAsync(Cluster, ["up"], cancellationToken);
        return new LocalCluster(isOurs);
    }

    public override Task LoadImageAsync(string tag, CancellationToken cancellationToken) =>
        Script.RunAsync(RepositoryRoot.Combine("hack", "image.sh"), ["load", tag], cancellationToken);

    public override async ValueTask DisposeAsync()
    {
        if (_isOurs)
        {
            await Script.RunAsync(Cluster, ["down"], CancellationToken.None);
        }
    }
}
