using Octopoid.Core.Kinds;
using Octopoid.Core.Outcomes;
using Octopoid.Core.PullRequests;
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
    public sealed record Claim(Slot Slot, ObservedTask Task, string State) : Decision
    {
        /// <summary>True when the task had to wait for a slot that was given back in the same cycle.</summary>
        public bool IsRefill { get; init; }
    }

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

    /// <summary>Ask the API server about an attempt of which no pod is seen: what is left of it, or why its Job gets none.</summary>
    /// <param name="Slot">Its slot.</param>
    public sealed record Inspect(Slot Slot) : Decision;

    /// <summary>Write the status of a task that nobody works on: it is to be cancelled, a person has decided, its forge has
    /// news of its pull request, its flow takes it on, or its condition <c>Claimable</c> is to say something else.</summary>
    /// <param name="Task">The task.</param>
    /// <param name="Flow">Its flow; null when it is gone or invalid.</param>
    /// <param name="Claimable">What its condition is to say; null when that is as it should be.</param>
    public sealed record Settle(ObservedTask Task, AgentFlowSpec? Flow, Condition? Claimable) : Decision
    {
        /// <summary>How its pull request stands by its forge; null when that is what it has on record.</summary>
        public SeenPullRequest? PullRequest { get; init; }

        /// <summary>True when a forge tells of its pull request, so that no person's decision does.</summary>
        public bool HasForge { get; init; }
    }

    /// <summary>Ask a forge how many pull requests of the pool are open.</summary>
    /// <param name="Repository">In which repository.</param>
    /// <param name="Order">Which count it is; the answer says it again.</param>
    /// <param name="Known">Those that unfinished tasks have on record, by number, each as it is recorded.</param>
    public sealed record CountPullRequests(AgentRepository Repository, long Order, IReadOnlyDictionary<long, PullRequestState> Known) : Decision;

    /// <summary>Tell by an Event what keeps an attempt waiting.</summary>
    /// <param name="Slot">Its slot.</param>
    /// <param name="Reason">What, a word of <see cref="Reasons"/>.</param>
    /// <param name="Message">The same in a sentence.</param>
    public sealed record Announce(Slot Slot, string Reason, string Message) : Decision;

    /// <summary>Delete the Job of an attempt that is to end, its pods first.</summary>
    /// <param name="Slot">Its slot.</param>
    /// <param name="JobUid">The Job's UID.</param>
    public sealed record DeleteJob(Slot Slot, string JobUid) : Decision;

    /// <summary>Remove what was kept long enough.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Uid">Its UID.</param>
    public abstract record Remove(NamespacedName Name, string Uid) : Decision;

    /// <summary>Remove an ended Job, and with it its pod and log.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Uid">Its UID.</param>
    public sealed record RemoveJob(NamespacedName Name, string Uid) : Remove(Name, Uid);

    /// <summary>Remove an ended task, and with it what is left of its Jobs.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Uid">Its UID.</param>
    /// <param name="ResourceVersion">The state in which it may be removed; changed since, it may not.</param>
    public sealed record RemoveTask(NamespacedName Name, string Uid, string ResourceVersion) : Remove(Name, Uid);

    /// <summary>Look at a slot again later.</summary>
    /// <param name="Slot">The slot as it is to be noted.</param>
    /// <param name="Until">When.</param>
    public sealed record Wait(Slot Slot, DateTimeOffset Until) : Decision;

    /// <summary>Give a slot back.</summary>
    /// <param name="Slot">The slot.</param>
    public sealed record Release(Slot Slot) : Decision;
}
