namespace Octopoid.Simulation.Tests.Server;

/// <summary>The Lease, as the server has it.</summary>
/// <param name="Holder">Who holds it; empty when nobody does.</param>
/// <param name="Epoch">How often it has changed hands.</param>
/// <param name="Version">Its version: each renewal makes another.</param>
internal sealed record LeaseRecord(string Holder, long Epoch, long Version);
