using Octopoid.Kubernetes.Watching;

namespace Octopoid.Operator.Watch;

/// <summary>Informers of one resource, one a watched namespace, that are used as one.</summary>
/// <typeparam name="T">The object's type.</typeparam>
/// <param name="informers">The informers by namespace; the empty one stands for all namespaces, and for a cluster-scoped resource.</param>
/// <param name="identify">Reads an object's identity.</param>
internal sealed class NamespacedInformer<T>(IReadOnlyDictionary<string, Informer<T>> informers, Func<T, ObjectIdentity> identify)
    where T : class
{
    /// <summary>Each of them.</summary>
    public IReadOnlyCollection<Informer<T>> Parts { get; } = [.. informers.Values];

    /// <summary>How many objects are known.</summary>
    public int Count => Parts.Sum(informer => informer.Lister.Count);

    /// <summary>The object of a key, or null.</summary>
    /// <param name="key">Its namespace and name.</param>
    public T? Find(ObjectKey key) => Of(key.Namespace)?.Lister.Find(key);

    /// <summary>Takes the answer of a write of our own as if the watch had brought it.</summary>
    /// <param name="written">The object as the server answered.</param>
    public void Observe(T written) => Of(identify(written).Key.Namespace)?.Observe(written);

    private Informer<T>? Of(string namespaceName) => informers.GetValueOrDefault("") ?? informers.GetValueOrDefault(namespaceName);
}
