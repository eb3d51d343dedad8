using Octopoid.Core.Admission;
using Octopoid.Core.State;

namespace Octopoid.Core.Tests.Admission;

/// <summary>A state that is told facts, a clock, and cycles run by hand.</summary>
internal sealed class Cycles
{
    public ClusterState State { get; } = new();

    public DateTimeOffset Now { get; private set; } = Given.Noon;

    public IReadOnlyList<Decision> Run() => AdmissionCycle.Run(State, Now);

    /// <summary>Runs a cycle that must make one decision.</summary>
    public T One<T>()
        where T : Decision => Assert.IsType<T>(Assert.Single(Run()));

    public void Tell(params Fact[] facts)
    {
        foreach (var fact in facts)
        {
            State.Apply(fact, Now);
        }
    }

    /// <summary>Lets time pass.</summary>
    public void Pass(double seconds)
    {
        Now += TimeSpan.FromSeconds(seconds);
        State.RingAlarms(Now);
    }

    /// <summary>Lets time pass and runs a cycle.</summary>
    public IReadOnlyList<Decision> After(double seconds)
    {
        Pass(seconds);
        return Run();
    }

    /// <summary>What seems to be over is looked at after two seconds, and is.</summary>
    public void Confirm(string taskUid)
    {
        Assert.Empty(Run());
        Pass(2);
        Assert.Equal(taskUid, One<Decision.Inspect>().Slot.TaskUid);
        Tell(new Fact.Inspected(taskUid, 1, IsOver: true));
    }

    /// <summary>The claim of a task stands.</summary>
    public void Land(ObservedTask task)
    {
        var claimed = Given.Claimed(task);
        Tell(new Fact.TaskSeen(task, claimed), new Fact.ClaimLanded(task.Metadata.Uid, 1, Given.Whole(claimed)));
    }

    /// <summary>Sets the clock back, as the loop would notice it.</summary>
    public void SetBack(double seconds)
    {
        Now -= TimeSpan.FromSeconds(seconds);
        State.SetBack(TimeSpan.FromSeconds(-seconds));
    }
}
