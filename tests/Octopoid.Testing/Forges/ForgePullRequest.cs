namespace Octopoid.Testing.Forges;

/// <summary>A pull request of a <see cref="ForgeRepository"/>, as it was when it was asked for.</summary>
public sealed record ForgePullRequest
{
    /// <summary>Its identifier, one of its kind in the forge.</summary>
    public required long Id { get; init; }

    /// <summary>Its number in its repository.</summary>
    public required long Number { get; init; }

    /// <summary>Its title.</summary>
    public required string Title { get; init; }

    /// <summary>The branch it comes from.</summary>
    public required string Branch { get; init; }

    /// <summary>The branch it goes to.</summary>
    public required string Base { get; init; }

    /// <summary>The commit that it ends with.</summary>
    public required string HeadSha { get; init; }

    /// <summary>The commit that it starts from.</summary>
    public required string BaseSha { get; init; }

    /// <summary>The names of its labels, in the order they were given.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>True for a draft.</summary>
    public bool IsDraft { get; init; }

    /// <summary>True when its branch is in another repository than itself.</summary>
    public bool IsFork { get; init; }

    /// <summary>True when that other repository was deleted.</summary>
    public bool IsForkGone { get; init; }

    /// <summary>When it was opened, by the forge's clock.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last changed.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When it was closed or merged; null for an open one.</summary>
    public DateTimeOffset? ClosedAt { get; init; }

    /// <summary>When it was merged.</summary>
    public DateTimeOffset? MergedAt { get; init; }

    /// <summary>The commit that the merge made.</summary>
    public string? MergeSha { get; init; }

    /// <summary>True while it is neither closed nor merged.</summary>
    public bool IsOpen => ClosedAt is null;

    /// <summary>True when it was merged.</summary>
    public bool IsMerged => MergedAt is not null;

    /// <summary>Its state as the wire has it: <c>open</c> or <c>closed</c>.</summary>
    public string State => IsOpen ? "open" : "closed";
}
