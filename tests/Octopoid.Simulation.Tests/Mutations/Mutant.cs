namespace Octopoid.Simulation.Tests.Mutations;

/// <summary>A bug that is planted.</summary>
/// <param name="Name">What is wrong then.</param>
/// <param name="File">Where, below <c>src</c>.</param>
/// <param name="Old">The text as it is.</param>
/// <param name="New">The text with the bug.</param>
internal sealed record Mutant(string Name, string File, string Old, string New)
{
    /// <summary>The seed that found it last; null where none is kept.</summary>
    public int? Seed { get; init; }

    /// <summary>True where a scenario beside the seeds finds it.</summary>
    public bool HasScenario { get; init; }

    /// <summary>The project that it is in.</summary>
    public string Project => File[..File.IndexOf('/', StringComparison.Ordinal)];
}
