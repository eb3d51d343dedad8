namespace Octopoid.Kubernetes.Watching;

/// <summary>Namespace and name of an object; the namespace is empty for a cluster-scoped one.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
public readonly record struct ObjectKey(string Namespace, string Name)
{
    /// <inheritdoc/>
    public override string ToString() => Namespace.Length == 0 ? Name : $"{Namespace}/{Name}";
}
