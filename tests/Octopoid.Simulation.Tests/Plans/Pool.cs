using Octopoid.Simulation.Tests.Server;

namespace Octopoid.Simulation.Tests.Plans;

/// <summary>A blueprint that there is at the beginning.</summary>
/// <param name="Name">Its name.</param>
/// <param name="MaxInstances">How many of it may run.</param>
internal sealed record Pool(string Name, int MaxInstances)
{
    /// <summary>Whom it serves.</summary>
    public string Role { get; init; } = Roles.Implementer;

    /// <summary>How long its agents may wait for their start, in seconds; null: as long as one that does not say.</summary>
    public int? PendingSeconds { get; init; }

    /// <summary>What it says of that; null: nothing, so they may.</summary>
    public bool? OpensPullRequests { get; init; }

    public override string ToString() => $"{Name} ({Role}) x{MaxInstances}{(PendingSeconds is { } limit ? $" pending {limit} s" : "")}{(OpensPullRequests == false ? ", opens nothing" : "")}";
}
