using Octopoid.Simulation.Tests.Engine;

namespace Octopoid.Simulation.Tests.Plans;

/// <summary>What there is at the beginning.</summary>
internal sealed record Setup
{
    public required IReadOnlyList<Pool> Blueprints { get; init; }

    /// <summary>What <see cref="FlowTexts.Name"/> says; null when there is no such flow.</summary>
    public string? Flow { get; init; }

    /// <summary>Null when the operator is to make the orchestrator.</summary>
    public int? MaxConcurrent { get; init; }

    /// <summary>The repositories that a forge has; none in a run without one.</summary>
    public IReadOnlyList<CodeRepository> Repositories { get; init; } = [];

    /// <summary>How many pull requests may be open in the cluster; null: any number.</summary>
    public int? MaxOpenPRs { get; init; }

    /// <summary>How wrong the two processes' clocks are, in seconds.</summary>
    public required IReadOnlyList<double> ClockOffsets { get; init; }

    public static Setup Draw(Chance chance) => new()
    {
        Blueprints = [.. new[] { "implementer", "second", "third" }.Take(chance.Of(1, 3)).Select(name => new Pool(name, chance.Of(1, 3)))],
        MaxConcurrent = chance.Is(0.92) ? chance.Of(1, 5) : null,
        ClockOffsets = [chance.Is(0.7) ? 0 : chance.Seconds(-20, 20), chance.Is(0.7) ? 0 : chance.Seconds(-20, 20)],
    };

    public override string ToString() =>
        $"{string.Join(", ", Blueprints)}, flow {Flow ?? "none"}, maxConcurrent {MaxConcurrent}, clocks {string.Join(", ", ClockOffsets)}"
        + (Repositories.Count == 0 ? "" : $", repositories {string.Join(", ", Repositories)}, maxOpenPRs {MaxOpenPRs}");
}
