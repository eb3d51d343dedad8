namespace Octopoid.Cli.Pools;

/// <summary>Where a task stands that waits for a free slot alone.</summary>
/// <param name="Role">The role that it waits for.</param>
/// <param name="Number">Its place among those that wait for that role and may start, from 1.</param>
/// <param name="Of">How many do.</param>
/// <param name="Reason">What keeps the role's blueprints from starting it.</param>
/// <param name="Message">The same in a sentence.</param>
internal sealed record QueuePlace(string Role, int Number, int Of, string? Reason, string Message);
