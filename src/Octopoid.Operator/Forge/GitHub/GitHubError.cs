namespace Octopoid.Operator.Forge.GitHub;

/// <summary>What GitHub says of a refusal.</summary>
internal sealed record GitHubError
{
    public string? Message { get; init; }
}
