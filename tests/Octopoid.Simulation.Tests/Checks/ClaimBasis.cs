using Octopoid.Simulation.Tests.Processes;
using Octopoid.Simulation.Tests.Server;

namespace Octopoid.Simulation.Tests.Checks;

/// <summary>What a process had been told when it decided.</summary>
/// <param name="Blueprints">The version of blueprints.</param>
/// <param name="Orchestrators">The version of orchestrators.</param>
/// <param name="Tasks">The version of tasks.</param>
/// <param name="Flows">The version of flows.</param>
/// <param name="Repositories">The version of repositories.</param>
/// <param name="Process">The process.</param>
internal sealed record ClaimBasis(long Blueprints, long Orchestrators, long Tasks, long Flows, long Repositories, OperatorProcess Process)
{
    /// <summary>What a process has been told by now.</summary>
    public static ClaimBasis Of(OperatorProcess process)
    {
        return new(Delivered(Resources.Blueprints), Delivered(Resources.Orchestrators), Delivered(Resources.Tasks), Delivered(Resources.Flows), Delivered(Resources.Repositories), process);

        long Delivered(string resource) => process.Feeds.First(feed => feed.Resource == resource).Delivered;
    }
}
