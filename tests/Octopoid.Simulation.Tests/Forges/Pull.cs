using Octopoid.Core.Kinds;

namespace Octopoid.Simulation.Tests.Forges;

/// <summary>A pull request, and all that it ever was.</summary>
internal sealed class Pull(int number, string home, string branch, string? taskUid)
{
    private readonly List<(TimeSpan At, PullRequestState State, string Head)> _past = [];

    public int Number => number;

    /// <summary>The repository, as the forge has it.</summary>
    public string Home => home;

    public string Branch => branch;

    /// <summary>The task that it is of; null for a person's.</summary>
    public string? TaskUid => taskUid;

    public PullRequestState State => _past[^1].State;

    public string Head => _past[^1].Head;

    /// <summary>Since when it is open, if it is.</summary>
    public TimeSpan OpenSince { get; private set; }

    /// <summary>The attempt that has opened it last; null where a person has.</summary>
    public int? Opener { get; private set; }

    public void Change(TimeSpan now, PullRequestState state, string head, int? opener = null)
    {
        if (state == PullRequestState.Open && (_past.Count == 0 || State != PullRequestState.Open))
        {
            (OpenSince, Opener) = (now, opener);
        }

        _past.Add((now, state, head));
    }

    /// <summary>How it stood at a time and ever since.</summary>
    public IEnumerable<(PullRequestState State, string Head)> Since(TimeSpan time) =>
        _past.Skip(Math.Max(0, _past.FindLastIndex(one => one.At <= time))).Select(one => (one.State, one.Head));

    public override string ToString() => $"pull request {number} of {home} ({branch})";
}
