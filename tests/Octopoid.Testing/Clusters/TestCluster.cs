namespace Octopoid.Testing.Clusters;

/// <summary>A cluster with a real node, for tests.</summary>
public abstract class TestCluster : IAsyncDisposable
{
    /// <summary>The file that names it.</summary>
    public abstract string KubeconfigPath { get; }

    /// <summary>A folder that has the same path here and on the node.</summary>
    public abstract string SharedFolder { get; }

    /// <summary>K3s in a container where a Docker engine answers, else a real node on this machine.</summary>
    public static async Task<TestCluster> StartAsync(CancellationToken cancellationToken) =>
        Environment.GetEnvironmentVariable("OCTOPOID_CLUSTER") is null or "" or "auto" or "k3s"
            && await Script.SucceedsAsync("docker", ["info"], cancellationToken)
            ? await K3sCluster.CreateAsync(cancellationToken)
            : await LocalCluster.CreateAsync(cancellationToken);

    /// <summary>Makes an image that was built here known to the node.</summary>
    public abstract Task LoadImageAsync(string tag, CancellationToken cancellationToken);

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}
