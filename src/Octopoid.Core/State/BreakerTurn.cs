namespace Octopoid.Core.State;

/// <summary>A blueprint has become degraded, or well again.</summary>
/// <param name="Blueprint">The blueprint.</param>
/// <param name="IsDegraded">True when it is degraded now.</param>
/// <param name="Message">Why, a sentence.</param>
public sealed record BreakerTurn(NamespacedName Blueprint, bool IsDegraded, string Message);
