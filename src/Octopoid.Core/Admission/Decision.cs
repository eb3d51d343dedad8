using Octopoid.Core.Kinds;
using Octopoid.Core.Outcomes;
using Octopoid.Core.State;

namespace Octopoid.Core.Admission;

/// <summary>One thing to do next. Those that write something are carried out by the shell, which answers with a fact.</summary>
public abstract record Decision
{
    private Decision()
    {
    }

    /// <summary>Write the claim of a waiting task.</summary>
    /// <param name="Slot">The slot to take into use before.</param>
    /// <param name="Task">The task as it was seen; the claim holds for this state of it only.</param>
    /// <param name="State">The flow state that the claim moves it to.</param>
    public sealed record Claim(Slot Slot, ObservedTask Task, string State) : Decision;

    /// <summary>Make the Job of a claimed attempt.</summary>
    /// <param name="Slot">Its slot.</param>
    /// <param name="Blueprint">The blueprint that it is an instance of.</param>
    /// <param name="Repository">The task's repository; null when it has none.</param>
    public sealed record CreateJob(Slot Slot, AgentBlueprint Blueprint, AgentRepository? Repository) : Decision;

    /// <summary>Record an attempt's result.</summary>
    /// <param name="Slot">Its slot.</param>
    /// <param name="End">How it ended.</param>
    /// <param name="Flow">The task's flow; null when it is gone.</param>
    /// <param name="Retry">The limits that hold for it.</param>
    public sealed record Finish(Slot Slot, AttemptEnd End, AgentFlowSpec? Flow, RetryPolicy Retry) : Decision;

    /// <summary>Ask the API server what is left of an attempt whose Job is over and of which no pod was ever seen.</summary>
    /// <param name="Slot">Its slot.</param>
    public sealed record Inspect(Slot Slot) : Decision;

    /// <summary>Cancel a task that nobody works on.</summary>
    /// <param name="Task">The task.</param>
    public sealed record Cancel(ObservedTask Task) : Decision;

    /// <summary>Delete the Job of a cancelled task's attempt, its pods first.</summary>
    /// <param name="Slot">Its slot.</param>
    /// <param name="JobUid">The Job's UID.</param>
    public sealed record DeleteJob(Slot Slot, string JobUid) : Decision;

    /// <summary>Look at a slot again later.</summary>
    /// <param name="Slot">The slot as it is to be noted.</param>
    /// <param name="Until">When.</param>
    public sealed record Wait(Slot Slot, DateTimeOffset Until) : Decision;

    /// <summary>Give a slot back.</summary>
    /// <param name="Slot">The slot.</param>
    public sealed record Release(Slot Slot) : Decision;
}
