using Octopoid.Core.Kinds;
using Octopoid.Operator.Watch;
using Octopoid.Simulation.Tests.Server;

namespace Octopoid.Simulation.Tests.Processes;

/// <summary>The feeds of a process: one for each of its informers.</summary>
internal static class WatchFeeds
{
    public static IReadOnlyList<WatchFeed> Of(OperatorProcess process)
    {
        var (watches, json) = (process.Watches, ObservedJson.Default);
        return
        [
            new WatchFeed<AgentBlueprint>(process, Resources.Blueprints, watches.Blueprints.Parts.Single(), json.AgentBlueprint, json.BlueprintList, All),
            new WatchFeed<AgentOrchestrator>(
                process, Resources.Orchestrators, watches.Orchestrators.Parts.Single(), json.AgentOrchestrator, json.OrchestratorList, All),
            new WatchFeed<AgentFlow>(process, Resources.Flows, watches.Flows.Parts.Single(), json.AgentFlow, json.FlowList, All),
            new WatchFeed<AgentRepository>(
                process, Resources.Repositories, watches.Repositories.Parts.Single(), json.AgentRepository, json.RepositoryList, All),
            new WatchFeed<Core.State.ObservedTask>(process, Resources.Tasks, watches.Tasks.Parts.Single(), json.ObservedTask, json.TaskList, All),
            new WatchFeed<Core.State.ObservedJob>(process, Resources.Jobs, watches.Jobs.Parts.Single(), json.ObservedJob, json.JobList, Managed),
            new WatchFeed<Core.State.ObservedPod>(process, Resources.Pods, watches.Pods.Parts.Single(), json.ObservedPod, json.PodList, Managed),
        ];
    }

    private static bool All(ServerObject item) => true;

    private static bool Managed(ServerObject item) => item.Label(Labels.Managed) == Labels.ManagedValue;
}
