using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s;
using k8s.Exceptions;
using k8s.KubeConfigModels;

namespace Octopoid.Kubernetes.Transport;

/// <summary>Reads kubeconfig files as kubectl does: several are put together, and of two entries of one name the first file's counts.</summary>
public static class Kubeconfig
{
    /// <summary>Server and credentials of one context.</summary>
    /// <param name="context">Its name; null: the current one.</param>
    /// <param name="files">The files' paths, at least one. Each must exist.</param>
    /// <exception cref="KubeConfigException">What the files say is not enough, or not possible.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="YamlDotNet.Core.YamlException">A file is not what it should be.</exception>
    /// <exception cref="FormatException">A certificate is not Base64.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">What should be a certificate is none.</exception>
    public static KubernetesClientConfiguration Load(string? context, params IEnumerable<string> files)
    {
        var read = Read(files);
        var configuration = KubernetesClientConfiguration.BuildConfigFromConfigObject(read, context);
        if (configuration.SslCaCerts is not null && AuthoritiesOf(read, context ?? read.CurrentContext) is { Count: > 0 } authorities)
        {
            configuration.SslCaCerts = authorities;
        }

        return configuration;
    }

    /// <summary>The files put together.</summary>
    internal static K8SConfiguration Read(IEnumerable<string> files) => files.Select(ReadOne).Aggregate(Merge);

    private static K8SConfiguration ReadOne(string file)
    {
        using var text = File.OpenRead(file);
        var read = KubernetesClientConfiguration.LoadKubeConfig(text) ?? throw new KubeConfigException($"{file} is empty.");

        // A path in a kubeconfig is meant from that file's folder, which is forgotten when several become one.
        foreach (var cluster in (read.Clusters ?? []).Select(entry => entry.ClusterEndpoint).OfType<ClusterEndpoint>())
        {
            cluster.CertificateAuthority = FromFolder(cluster.CertificateAuthority);
        }

        foreach (var user in (read.Users ?? []).Select(entry => entry.UserCredentials).OfType<UserCredentials>())
        {
            (user.ClientCertificate, user.ClientKey) = (FromFolder(user.ClientCertificate), FromFolder(user.ClientKey));
        }

        return read;

        string? FromFolder(string? path) => string.IsNullOrEmpty(path) ? path : Path.GetFullPath(path, Path.GetDirectoryName(Path.GetFullPath(file))!);
    }

    private static K8SConfiguration Merge(K8SConfiguration first, K8SConfiguration second)
    {
        first.CurrentContext = string.IsNullOrEmpty(first.CurrentContext) ? second.CurrentContext : first.CurrentContext;
        first.Contexts = [.. (first.Contexts ?? []).Concat(second.Contexts ?? []).DistinctBy(entry => entry.Name)];
        first.Clusters = [.. (first.Clusters ?? []).Concat(second.Clusters ?? []).DistinctBy(entry => entry.Name)];
        first.Users = [.. (first.Users ?? []).Concat(second.Users ?? []).DistinctBy(entry => entry.Name)];
        return first;
    }

    /// <summary>All authorities that the context's cluster trusts. KubernetesClient.Aot takes the first of several, so a bundle, as there is while an
    /// authority is replaced, would be trusted in part.</summary>
    private static X509Certificate2Collection AuthoritiesOf(K8SConfiguration read, string? context)
    {
        var name = read.Contexts.First(entry => entry.Name == context).ContextDetails.Cluster;
        var cluster = read.Clusters.First(entry => entry.Name == name).ClusterEndpoint;
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPem(cluster.CertificateAuthorityData is { Length: > 0 } data
            ? Encoding.UTF8.GetString(Convert.FromBase64String(data))
            : File.ReadAllText(cluster.CertificateAuthority));
        return authorities;
    }
}
