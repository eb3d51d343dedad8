namespace Octopoid.Simulation.Tests.Server;

/// <summary>One change that the server has made.</summary>
/// <param name="Version">Its version; for a deletion, that of the deletion.</param>
/// <param name="Before">The object before; null when it is new.</param>
/// <param name="After">The object after; null when it is gone.</param>
/// <param name="Actor">Who asked for it.</param>
/// <param name="At">When, by the true time.</param>
internal sealed record LogEntry(long Version, ServerObject? Before, ServerObject? After, string Actor, TimeSpan At)
{
    public ServerObject Object => (After ?? Before)!;
}
