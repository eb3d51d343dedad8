namespace Octopoid.Testing.Forges;

/// <summary>A token that the forge knows.</summary>
/// <param name="Label">What the log calls it.</param>
/// <param name="Holder">What the message of an exceeded limit calls its holder, e.g. <c>user ID 7</c>.</param>
/// <param name="Limit">Its rate limit, which an installation's tokens share.</param>
/// <param name="ExpiresAt">When it ends, by the forge's clock; null for never.</param>
internal sealed record ForgeCredential(string Label, string Holder, ForgeLimit Limit, DateTimeOffset? ExpiresAt)
{
    /// <summary>True when it was taken back.</summary>
    public bool IsRevoked { get; init; }

    /// <summary>True when it opens anything now.</summary>
    public bool IsGood(DateTimeOffset now) => !IsRevoked && !(ExpiresAt <= now);
}
