using System.Globalization;
using Octopoid.Core.Kinds;
using Octopoid.Core.State;

namespace Octopoid.Benchmarks.Micro;

/// <summary>A state with tasks that wait, and one blueprint that may start them all.</summary>
internal static class WaitingTasks
{
    public static DateTimeOffset Now { get; } = new(2026, 11, 2, 8, 0, 0, TimeSpan.Zero);

    /// <summary>One of them.</summary>
    public static ObservedTask Task(int number) => new()
    {
        Metadata = new ObservedMeta
        {
            Name = string.Create(CultureInfo.InvariantCulture, $"task-{number:000000}"),
            Namespace = "work",
            Uid = string.Create(CultureInfo.InvariantCulture, $"b645d32a-646b-4baa-bbd3-{number:x12}"),
            ResourceVersion = "1",
            Generation = 1,
            CreationTimestamp = Now.AddSeconds(number % 1000),
        },
        Status = new ObservedTask.TaskStatus { State = FlowStates.Incoming },
    };

    /// <summary>A state with so many of them.</summary>
    /// <param name="count">How many.</param>
    /// <param name="maxConcurrent">How many agents may run at once.</param>
    public static ClusterState State(int count, int maxConcurrent)
    {
        var state = new ClusterState();
        state.Apply(new Fact.OrchestratorSeen(new AgentOrchestrator { Spec = new AgentOrchestratorSpec { MaxConcurrent = maxConcurrent } }), Now);
        state.Apply(
            new Fact.BlueprintSeen(null, new AgentBlueprint
            {
                Metadata = new ObjectMeta { Name = "implementer", Namespace = "work", Uid = "b", ResourceVersion = "1" },
                Spec = new AgentBlueprintSpec { Image = "agent", MaxInstances = 100_000, Scripts = new BlueprintScripts { ConfigMapName = "scripts" } },
            }),
            Now);
        for (var i = 0; i < count; i++)
        {
            state.Apply(new Fact.TaskSeen(null, Task(i)), Now);
        }

        return state;
    }
}
