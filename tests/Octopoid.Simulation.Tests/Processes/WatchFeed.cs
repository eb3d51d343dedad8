namespace Octopoid.Simulation.Tests.Processes;

/// <summary>What brings one resource to one process: lists, and a watch that may be late, cut, and begun anew.</summary>
internal abstract class WatchFeed
{
    public abstract string Resource { get; }

    /// <summary>The version up to which the process has been told.</summary>
    public long Delivered { get; protected set; }

    /// <summary>The longest delay of an event.</summary>
    public double LongestDelay { get; set; } = 0.03;

    /// <summary>Lists anew: by a request made now.</summary>
    /// <param name="done">Called once it has been taken in.</param>
    public abstract void List(Action? done);

    /// <summary>Stops the watch for a while; then it goes on where it was.</summary>
    public abstract void Cut(TimeSpan length);

    /// <summary>Nothing comes any more.</summary>
    public abstract void Stop();
}
