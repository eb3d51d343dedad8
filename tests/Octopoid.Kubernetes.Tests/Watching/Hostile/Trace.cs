using System.Collections.Concurrent;
using System.Globalization;
using Octopoid.Testing;

namespace Octopoid.Kubernetes.Tests.Watching.Hostile;

/// <summary>What happened in one run, in order: for whoever must find out why it failed.</summary>
/// <param name="time">The run's clock.</param>
internal sealed class Trace(FastTime time)
{
    private readonly ConcurrentQueue<string> _lines = new();
    private int _requests;

    public int NextRequest() => Interlocked.Increment(ref _requests);

    public void Add(string line) => _lines.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{time.Elapsed.TotalSeconds,8:0.0}  {line}"));

    public override string ToString() => string.Join('\n', _lines);
}
