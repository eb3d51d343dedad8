namespace Octopoid.Operator.Forge.Gitea;

/// <summary>What Gitea says of a refusal.</summary>
internal sealed record GiteaError
{
    public string? Message { get; init; }
}
