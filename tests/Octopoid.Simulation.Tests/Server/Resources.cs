namespace Octopoid.Simulation.Tests.Server;

/// <summary>The resources by their plural names.</summary>
internal static class Resources
{
    public const string Tasks = "agenttasks";
    public const string Blueprints = "agentblueprints";
    public const string Orchestrators = "agentorchestrators";
    public const string Flows = "agentflows";
    public const string Repositories = "agentrepositories";
    public const string Jobs = "jobs";
    public const string Pods = "pods";
    public const string ConfigMaps = "configmaps";

    /// <summary>The only namespace that is used.</summary>
    public const string Namespace = "work";
}
