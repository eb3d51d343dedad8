using DotNet.Testcontainers.Configurations;
using Testcontainers.K3s;

namespace Octopoid.Testing.Clusters;

/// <summary>K3s in a container, by Testcontainers.</summary>
public sealed class K3sCluster : TestCluster
{
    private const string Image = "rancher/k3s:v1.33.1-k3s1";

    private readonly K3sContainer _container;
    private readonly TemporaryFolder _folder;

    private K3sCluster(K3sContainer container, TemporaryFolder folder)
    {
        _container = container;
        _folder = folder;
    }

    public override string KubeconfigPath => _folder.Combine("kubeconfig");

    public override string SharedFolder => _folder.Combine("shared");

    public static async Task<K3sCluster> CreateAsync(CancellationToken cancellationToken)
    {
        var folder = new TemporaryFolder("octopoid-k3s-");
        var shared = folder.Combine("shared");
        Directory.CreateDirectory(shared);
        var container = new K3sBuilder(Image).WithBindMount(shared, shared, AccessMode.ReadWrite).Build();
        var cluster = new K3sCluster(container, folder);
        await container.StartAsync(cancellationToken);
        await File.WriteAllTextAsync(cluster.KubeconfigPath, await container.GetKubeconfigAsync(), cancellationToken);
        return cluster;
    }

    public override async Task LoadImageAsync(string tag, CancellationToken cancellationToken)
    {
        var archive = Path.Combine(SharedFolder, "image.tar");
        await Script.RunAsync("docker", ["save", "--output", archive, tag], cancellationToken);
        var loaded = await _container.ExecAsync(["ctr", "--namespace", "k8s.io", "images", "import", archive], cancellationToken);
        File.Delete(archive);
        if (loaded.ExitCode != 0)
        {
            throw new InvalidOperationException($"The image {tag} could not be loaded: {loaded.Stderr}");
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await _container.DisposeAsync();
        await _folder.DisposeAsync();
    }
}
