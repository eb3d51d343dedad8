using Octopoid.Simulation.Tests.Server;

namespace Octopoid.Simulation.Tests.Checks;

/// <summary>What flows said, at each version.</summary>
internal sealed class FlowHistory
{
    private readonly Dictionary<string, Timeline<FlowView?>> _flows = new() { ["default"] = new Timeline<FlowView?>(FlowView.Default) };

    public FlowHistory(ApiServer server) => server.Changed += See;

    /// <summary>The flow of a task as it stands; null when it is missing or makes no sense.</summary>
    public FlowView? Of(ServerObject task) => On(task.Task.Flow).Latest;

    /// <summary>All that a task's flow was since a version; null for what was missing or made no sense.</summary>
    public IEnumerable<FlowView?> Since(ServerObject task, long version) => On(task.Task.Flow).Since(version);

    private void See(LogEntry entry)
    {
        if (entry.Object.Resource == Resources.Flows)
        {
            On(entry.Object.Name).Set(entry.Version, entry.After is { } flow ? FlowView.Of(flow) : null);
        }
    }

    private Timeline<FlowView?> On(string name)
    {
        if (!_flows.TryGetValue(name, out var flow))
        {
            _flows[name] = flow = new Timeline<FlowView?>(null);
        }

        return flow;
    }
}
