using Octopoid.Simulation.Tests.Processes;

namespace Octopoid.Simulation.Tests.Checks;

/// <summary>What a process had been told when it decided on a claim.</summary>
/// <param name="Blueprints">The version of blueprints.</param>
/// <param name="Orchestrators">The version of orchestrators.</param>
/// <param name="Tasks">The version of tasks.</param>
/// <param name="Process">The process.</param>
internal sealed record ClaimBasis(long Blueprints, long Orchestrators, long Tasks, OperatorProcess Process);
