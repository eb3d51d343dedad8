using Octopoid.Core.Kinds;

namespace Octopoid.Operator.Forge;

/// <summary>What an API Secret holds.</summary>
internal sealed record ForgeCredentials
{
    /// <summary>None: the API is asked without a name.</summary>
    public static ForgeCredentials Anonymous { get; } = new();

    /// <summary>A personal or project token; null where an App's key stands in its place.</summary>
    public string? Token { get; init; }

    /// <summary>A GitHub App's ID, or client ID.</summary>
    public string? AppId { get; init; }

    /// <summary>Which of the App's installations.</summary>
    public string? InstallationId { get; init; }

    /// <summary>The App's private key, PEM.</summary>
    public string? PrivateKey { get; init; }

    /// <summary>Certificate authorities to trust beside those of the system, PEM; null: none.</summary>
    public string? Authorities { get; init; }

    /// <summary>The token, where a forge has no Apps; null: none, so it is asked without a name.</summary>
    /// <param name="forge">What the forge is called.</param>
    /// <exception cref="ForgeException">There is an App's key in its place.</exception>
    public string? TokenOf(string forge) => Token ?? (AppId is null ? null
        : throw new ForgeException(Reasons.SecretInvalid, $"The API Secret holds a GitHub App's key; {forge} wants the key token."));

    /// <summary>Never what it holds: records print all that they have.</summary>
    public override string ToString() => nameof(ForgeCredentials);
}
