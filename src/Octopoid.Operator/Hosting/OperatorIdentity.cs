namespace Octopoid.Operator.Hosting;

/// <summary>Who this process is: the pod's name, or the host's, with a part that no other process shares.</summary>
/// <param name="Name">The name, as claims and the orchestrator's status bear it.</param>
/// <param name="Version">The program's version.</param>
internal sealed record OperatorIdentity(string Name, string Version);
