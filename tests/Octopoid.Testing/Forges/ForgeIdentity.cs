namespace Octopoid.Testing.Forges;

/// <summary>Who a request says it is from.</summary>
/// <param name="Secret">The token or JWT that it carried; null without one.</param>
/// <param name="Label">What the log calls that; null without one.</param>
/// <param name="Credential">The token that it is; null for none, an unknown one or a JWT.</param>
internal sealed record ForgeIdentity(string? Secret, string? Label, ForgeCredential? Credential);
