using Octopoid.Simulation.Tests.Processes;

namespace Octopoid.Simulation.Tests.Forges;

/// <summary>A count that was asked for.</summary>
/// <param name="Term">In whose term.</param>
/// <param name="Repository">Of what, as the one who asked knew it.</param>
/// <param name="BegunAt">When.</param>
internal sealed record CountRecord(TermRun Term, RepositoryView Repository, TimeSpan BegunAt)
{
    /// <summary>The numbers that it asked for.</summary>
    public required IReadOnlySet<long> Known { get; init; }

    /// <summary>The moment of which it tells.</summary>
    public TimeSpan SnapshotAt { get; set; }

    /// <summary>When it was answered; null while it is not, or has failed.</summary>
    public TimeSpan? AnsweredAt { get; set; }
}
