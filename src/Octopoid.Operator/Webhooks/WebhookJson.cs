using System.Text.Json.Serialization;

namespace Octopoid.Operator.Webhooks;

/// <summary>Reads what is used of webhooks' bodies.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(RepositoryEvent))]
[JsonSerializable(typeof(ProjectEvent))]
internal sealed partial class WebhookJson : JsonSerializerContext;

/// <summary>GitHub's and Gitea's.</summary>
internal sealed record RepositoryEvent(RepositoryEvent.Named? Repository)
{
    internal sealed record Named(string? FullName);
}

/// <summary>GitLab's.</summary>
internal sealed record ProjectEvent(string? ObjectKind, ProjectEvent.Placed? Project)
{
    internal sealed record Placed(string? PathWithNamespace);
}
