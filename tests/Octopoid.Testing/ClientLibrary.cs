using k8s;

namespace Octopoid.Testing;

/// <summary>KubernetesClient's own client, which the operator does not use: what a test sees by it owes nothing to our transport.</summary>
public static class ClientLibrary
{
    /// <summary>Connects.</summary>
    /// <param name="kubeconfig">The file that names the API server.</param>
    public static k8s.Kubernetes Connect(string kubeconfig)
    {
        var configuration = KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig);
        if (KubernetesClientConfiguration.LoadKubeConfig(kubeconfig).Clusters.Single().ClusterEndpoint.CertificateAuthority is { Length: > 0 } file)
        {
            // It trusts the first of several certificates alone, which of those of a control plane here is not the authority.
            configuration.SslCaCerts = [];
            configuration.SslCaCerts.ImportFromPemFile(Path.GetFullPath(file, Path.GetDirectoryName(Path.GetFullPath(kubeconfig))!));
        }

        return new k8s.Kubernetes(configuration);
    }
}
