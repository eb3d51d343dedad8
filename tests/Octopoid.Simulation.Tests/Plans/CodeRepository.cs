using Octopoid.Simulation.Tests.Forges;

namespace Octopoid.Simulation.Tests.Plans;

/// <summary>A repository that there is at the beginning.</summary>
/// <param name="Name">Its object's name.</param>
/// <param name="Url">Where its code is.</param>
internal sealed record CodeRepository(string Name, string Url)
{
    public string Provider { get; init; } = RepositoryView.GitHub;

    /// <summary>How many pull requests of it may be open; null: any number.</summary>
    public int? MaxOpen { get; init; }

    public int PollSeconds { get; init; } = 5;

    public int StaleSeconds { get; init; } = 30;

    public override string ToString() =>
        $"{Name} ({Provider} {Url}, {MaxOpen?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "any number"} open, every {PollSeconds} s, stale after {StaleSeconds} s)";
}
