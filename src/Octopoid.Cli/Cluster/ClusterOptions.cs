namespace Octopoid.Cli.Cluster;

/// <summary>Which cluster, and where in it, as kubectl is told.</summary>
/// <param name="Kubeconfig">The file; null: those of <c>KUBECONFIG</c>, else <c>~/.kube/config</c>.</param>
/// <param name="Context">The context; null: the current one.</param>
/// <param name="Namespace">The namespace; null: the context's.</param>
/// <param name="AllNamespaces">True for all of them.</param>
internal sealed record ClusterOptions(string? Kubeconfig, string? Context, string? Namespace, bool AllNamespaces);
