namespace Octopoid.Kubernetes.Leases;

/// <summary>A write was not sent, for leadership was not certain for as long as it might have taken. It may be so again after the next renewal.</summary>
/// <param name="message">The same, with what was to be written.</param>
public sealed class NotLeaderException(string message) : Exception(message);
