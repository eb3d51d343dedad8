namespace Octopoid.Core.Kinds;

/// <summary>
/// What a person asks for. Fixed while the task is claimed, but for priority, suspend, cancel and decision; flow and repository are
/// fixed from the first claim on.
/// </summary>
/// <param name="Priority">Which of a role's waiting tasks goes first. Default: <see cref="TaskPriority.P2"/>.</param>
public sealed record AgentTaskSpec(TaskPriority Priority = TaskPriority.P2)
{
    /// <summary>A line for people, at most 200 characters; null: the task's name.</summary>
    public string? Title { get; init; }

    /// <summary>
    /// What the agent is to do: not blank, at most 128 KiB of UTF-8. No secrets: whoever may read tasks, Jobs or pods can read it.
    /// </summary>
    public string Prompt { get; init => field = value ?? ""; } = "";

    /// <summary>
    /// The flow that the task goes through. Default: <c>default</c>, which is built in unless an AgentFlow has that name.
    /// </summary>
    public string Flow { get; init => field = value ?? "default"; } = "default";

    /// <summary>Tasks of the same namespace that must be done first, at most 64.</summary>
    public IReadOnlyList<string>? BlockedBy { get; init; }

    /// <summary>The AgentRepository to work in; null: the agent gets an empty folder.</summary>
    public string? Repository { get; init; }

    /// <summary>The branch to start from; null: the repository's.</summary>
    public string? BaseBranch { get; init; }

    /// <summary>The model to use; null: the blueprint's.</summary>
    public string? Model { get; init; }

    /// <summary>Values for the agent's scripts, at most 64 and 16 KiB in all.</summary>
    public IReadOnlyDictionary<string, string>? Parameters { get; init; }

    /// <summary>While true, the task is not claimed; a running attempt goes on. Default: false.</summary>
    public bool Suspend { get; init; }

    /// <summary>
    /// Once true, the task is cancelled and its running attempt ended. Default: false. Taking it back does nothing; a decision to retry
    /// does.
    /// </summary>
    public bool Cancel { get; init; }

    /// <summary>A person's word on the task; acts once.</summary>
    public TaskDecision? Decision { get; init; }
}
