using k8s;

namespace Octopoid.Kubernetes.Transport;

/// <summary>Where the API server's address and our credentials are read from; read again when they no longer do.</summary>
/// <param name="Source">What a person must mend when they are wrong, e.g. <c>kubeconfig /home/ann/.kube/config</c>.</param>
/// <param name="Load">Reads them. May run a credential plugin, so it may block, and it may throw anything.</param>
public sealed record ApiServerConfiguration(string Source, Func<KubernetesClientConfiguration> Load)
{
    /// <summary>From a kubeconfig file, in its current context.</summary>
    /// <param name="path">The file's path.</param>
    public static ApiServerConfiguration Kubeconfig(string path) =>
        new($"kubeconfig {path}", () => Transport.Kubeconfig.Load(null, path));

    /// <summary>From the service account of the pod that this process runs in.</summary>
    public static ApiServerConfiguration ServiceAccount { get; } =
        new("the pod's service account", KubernetesClientConfiguration.InClusterConfig);
}
