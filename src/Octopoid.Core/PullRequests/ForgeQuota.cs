namespace Octopoid.Core.PullRequests;

/// <summary>How many requests a forge still grants.</summary>
/// <param name="Limit">In a whole window.</param>
/// <param name="Remaining">In what is left of this one.</param>
/// <param name="Reset">When the next one begins, by our clock.</param>
public sealed record ForgeQuota(int Limit, int Remaining, DateTimeOffset Reset);
