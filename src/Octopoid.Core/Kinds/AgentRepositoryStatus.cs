namespace Octopoid.Core.Kinds;

/// <summary>What the operator found of a repository.</summary>
public sealed record AgentRepositoryStatus
{
    /// <summary>The generation of the spec that this was judged by.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>Pull requests of the pool that were open at the last count.</summary>
    public int? OpenPullRequests { get; init; }

    /// <summary>How many more may be opened by agents at work, or have been since that count.</summary>
    public int? ReservedPullRequests { get; init; }

    /// <summary>When that count was begun.</summary>
    public DateTimeOffset? ObservedAt { get; init; }

    /// <summary>How many requests that count took.</summary>
    public int? Requests { get; init; }

    /// <summary>What was left of the forge's quota after it; null where the forge has none.</summary>
    public RequestQuota? Quota { get; init; }

    /// <summary>When a webhook last told of a change to its pull requests; null when none has. Each new time has them counted.</summary>
    public DateTimeOffset? LastWebhookTime { get; init; }

    /// <summary>Whether agents that may open a pull request are started.</summary>
    public GateState? Gate { get; init; }

    /// <summary>Why, in a word of <see cref="Reasons"/>.</summary>
    public string? Reason { get; init; }

    /// <summary>The same in a sentence that names the numbers.</summary>
    public string? Message { get; init; }

    /// <summary>The aspects of the state, one each.</summary>
    public IReadOnlyList<Condition>? Conditions { get; init; }
}
