namespace Octopoid.Kubernetes.Watching;

/// <summary>What the informer must know of any object: where it is, which one it is, and which state of it.</summary>
/// <param name="Namespace">Its namespace; empty for a cluster-scoped object.</param>
/// <param name="Name">Its name.</param>
/// <param name="Uid">Its UID: a new object of an old name has another.</param>
/// <param name="ResourceVersion">The version of its state.</param>
public readonly record struct ObjectIdentity(string Namespace, string Name, string Uid, string ResourceVersion)
{
    /// <summary>The key that the object is stored under.</summary>
    public ObjectKey Key => new(Namespace, Name);
}
