using System.Diagnostics;

namespace Octopoid.Kubernetes.Tests;

/// <summary>Waits for what will be so.</summary>
internal static class Eventually
{
    /// <summary>Asks until it is so; fails the test when it is not in time.</summary>
    public static async Task IsAsync(Func<bool> condition, TimeSpan limit, Func<string> what, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < limit, $"After {limit} it is not so: {what()}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
    }
}
