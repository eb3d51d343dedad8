using Octopoid.Kubernetes.Watching;

namespace Octopoid.Benchmarks.Library;

/// <summary>Counts the objects of a watch and keeps none.</summary>
internal sealed class CountingSink<T>(int wanted) : IReflectorSink<T>
    where T : class
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _left = wanted;

    public Task Reached => _reached.Task;

    public string? Newest => null;

    public void Replace(IReadOnlyCollection<T> objects, string version, string? known)
    {
    }

    public void Apply(WatchEvent<T> line)
    {
        if (line.Object is not null && --_left == 0)
        {
            _reached.SetResult();
        }
    }
}
