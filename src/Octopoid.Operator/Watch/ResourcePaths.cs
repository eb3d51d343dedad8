using Octopoid.Core.Kinds;
using Octopoid.Kubernetes.Transport;

namespace Octopoid.Operator.Watch;

/// <summary>Where the resources that we use are served.</summary>
internal static class ResourcePaths
{
    public static ResourcePath Tasks { get; } = new(ApiGroup.Name, ApiGroup.Version, AgentTask.Plural);

    public static ResourcePath Blueprints { get; } = new(ApiGroup.Name, ApiGroup.Version, AgentBlueprint.Plural);

    public static ResourcePath Flows { get; } = new(ApiGroup.Name, ApiGroup.Version, AgentFlow.Plural);

    public static ResourcePath Repositories { get; } = new(ApiGroup.Name, ApiGroup.Version, AgentRepository.Plural);

    public static ResourcePath Orchestrators { get; } = new(ApiGroup.Name, ApiGroup.Version, AgentOrchestrator.Plural);

    public static ResourcePath Jobs { get; } = new("batch", "v1", "jobs");

    public static ResourcePath Pods { get; } = new("", "v1", "pods");

    public static ResourcePath Events { get; } = new("", "v1", "events");

    public static ResourcePath ConfigMaps { get; } = new("", "v1", "configmaps");

    public static ResourcePath Secrets { get; } = new("", "v1", "secrets");
}
