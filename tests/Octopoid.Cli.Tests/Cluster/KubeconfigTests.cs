using Octopoid.Cli.Cluster;
using Octopoid.Testing;

namespace Octopoid.Cli.Tests.Cluster;

/// <summary>The kubeconfig as kubectl reads it.</summary>
public sealed class KubeconfigTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new("octopoid-kubeconfig-");

    public async ValueTask DisposeAsync()
    {
        Environment.SetEnvironmentVariable("KUBECONFIG", null);
        await _folder.DisposeAsync();
    }

    [Fact]
    public void Several_files_are_one_and_the_first_counts()
    {
        var first = Write("a/config", "current-context: one", ("one", "https://first", "ca.crt"), ("both", "https://first-both", "ca.crt"));
        var second = Write("b/config", "current-context: two", ("two", "https://second", "/etc/ca.crt"), ("both", "https://second-both", "ca.crt"));
        Environment.SetEnvironmentVariable("KUBECONFIG", string.Join(Path.PathSeparator, first, _folder.Combine("missing"), second));

        var merged = Kubeconfig.Load(null);

        Assert.Equal("one", merged.CurrentContext);
        Assert.Equal(["one", "both", "two"], merged.Clusters.Select(cluster => cluster.Name));
        Assert.Equal(["https://first", "https://first-both", "https://second"], merged.Clusters.Select(cluster => cluster.ClusterEndpoint.Server));
        Assert.Equal([_folder.Combine("a/ca.crt"), _folder.Combine("a/ca.crt"), "/etc/ca.crt"], merged.Clusters.Select(cluster => cluster.ClusterEndpoint.CertificateAuthority));
    }

    [Fact]
    public void A_named_file_stands_alone()
    {
        var named = Write("named", "current-context: one", ("one", "https://named", "ca.crt"));
        Environment.SetEnvironmentVariable("KUBECONFIG", Write("other", "current-context: two", ("two", "https://other", "ca.crt")));

        Assert.Equal("one", Kubeconfig.Load(named).CurrentContext);
    }

    private string Write(string name, string top, params (string Name, string Server, string Authority)[] clusters)
    {
        var path = _folder.Combine(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, $"apiVersion: v1\nkind: Config\n{top}\nclusters:\n" + string.Concat(clusters.Select(cluster =>
            $"  - name: {cluster.Name}\n    cluster: {{server: \"{cluster.Server}\", certificate-authority: {cluster.Authority}}}\n")));
        return path;
    }
}
