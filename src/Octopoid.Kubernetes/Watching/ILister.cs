namespace Octopoid.Kubernetes.Watching;

/// <summary>Reads what an informer knows. Any thread may; what it answers is a state that was, and may have been passed since.</summary>
/// <typeparam name="T">The object's type.</typeparam>
public interface ILister<T>
    where T : class
{
    /// <summary>The objects, in no order.</summary>
    IEnumerable<T> Objects { get; }

    /// <summary>How many objects there are.</summary>
    int Count { get; }

    /// <summary>The object of a key, or null.</summary>
    /// <param name="key">Its namespace and name.</param>
    T? Find(ObjectKey key);
}
