using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s.Exceptions;
using Octopoid.Kubernetes.Transport;
using Octopoid.Testing;

namespace Octopoid.Kubernetes.Tests.Transport;

/// <summary>The kubeconfig as kubectl reads it.</summary>
public sealed class KubeconfigTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new("octopoid-kubeconfig-");

    public ValueTask DisposeAsync() => _folder.DisposeAsync();

    [Fact]
    public void Several_files_are_one_and_the_first_counts()
    {
        var first = Write("a/config", "one", ("one", "https://first", "certificate-authority: ca.crt"), ("both", "https://first-both", "certificate-authority: ca.crt"));
        var second = Write("b/config", "two", ("two", "https://second", "certificate-authority: /etc/ca.crt"), ("both", "https://second-both", "certificate-authority: /etc/ca.crt"));

        var merged = Kubeconfig.Read([first, second]);

        Assert.Equal("one", merged.CurrentContext);
        Assert.Equal(["one", "both", "two"], merged.Clusters.Select(cluster => cluster.Name));
        Assert.Equal(["https://first", "https://first-both", "https://second"], merged.Clusters.Select(cluster => cluster.ClusterEndpoint.Server));
        Assert.Equal([_folder.Combine("a/ca.crt"), _folder.Combine("a/ca.crt"), "/etc/ca.crt"], merged.Clusters.Select(cluster => cluster.ClusterEndpoint.CertificateAuthority));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void All_authorities_of_a_bundle_are_trusted(bool isInline)
    {
        var bundle = string.Join('\n', Authority("CN=old"), Authority("CN=new"));
        File.WriteAllText(_folder.Combine("ca.crt"), bundle);
        var file = Write("config", "one", ("one", "https://first", isInline
            ? $"certificate-authority-data: {Convert.ToBase64String(Encoding.UTF8.GetBytes(bundle))}"
            : "certificate-authority: ca.crt"));

        Assert.Equal(["CN=old", "CN=new"], Kubeconfig.Load(null, file).SslCaCerts.Select(authority => authority.Subject));
    }

    [Fact]
    public void The_named_context_counts_and_the_name_that_its_certificate_has()
    {
        var file = Write("config", "one", ("one", "https://first", "insecure-skip-tls-verify: true"), ("two", "https://second", "tls-server-name: second.test"));

        var (first, second) = (Kubeconfig.Load(null, file), Kubeconfig.Load("two", file));

        Assert.Equal(("https://first", true), (first.Host, first.SkipTlsVerify));
        Assert.Equal(("https://second", false), (second.Host, second.SkipTlsVerify));
        using var client = new ApiClient(second);
        Assert.Equal("second.test", client.Http.DefaultRequestHeaders.Host);
    }

    [Fact]
    public void A_file_without_anything_is_named()
    {
        var file = _folder.Combine("empty");
        File.WriteAllText(file, "");

        Assert.Contains(file, Assert.Throws<KubeConfigException>(() => Kubeconfig.Load(null, file)).Message, StringComparison.Ordinal);
    }

    private static string Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var authority = new CertificateRequest(name, key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        return authority.ExportCertificatePem();
    }

    /// <summary>A file with a context for each cluster, of its name.</summary>
    private string Write(string name, string current, params (string Name, string Server, string More)[] clusters)
    {
        var path = _folder.Combine(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var text = new StringBuilder($"apiVersion: v1\nkind: Config\ncurrent-context: {current}\nusers: [{{name: me, user: {{token: x}}}}]\nclusters:\n");
        foreach (var cluster in clusters)
        {
            text.Append($"  - name: {cluster.Name}\n    cluster: {{server: \"{cluster.Server}\", {cluster.More}}}\n");
        }

        text.Append("contexts:\n");
        foreach (var cluster in clusters)
        {
            text.Append($"  - name: {cluster.Name}\n    context: {{cluster: {cluster.Name}, user: me}}\n");
        }

        File.WriteAllText(path, text.ToString());
        return path;
    }
}
