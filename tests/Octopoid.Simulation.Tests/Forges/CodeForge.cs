using System.Globalization;
using Octopoid.Core.Kinds;
using Octopoid.Simulation.Tests.Engine;

namespace Octopoid.Simulation.Tests.Forges;

/// <summary>What hosts the code: the pull requests of each repository, how well it answers, and what it was asked.</summary>
internal sealed class CodeForge(World world)
{
    private readonly Dictionary<string, List<Pull>> _homes = [];
    private readonly List<CountRecord> _counts = [];
    private int _heads;

    /// <summary>True while it answers nobody.</summary>
    public bool IsOut { get; set; }

    /// <summary>How many of a hundred counts fail.</summary>
    public int Faults { get; set; }

    /// <summary>How long a count may take, in seconds; 0: as long as ever.</summary>
    public double Slowness { get; set; }

    /// <summary>The counts that were asked for, the newest last.</summary>
    public IReadOnlyList<CountRecord> Counts => _counts;

    /// <summary>How many pull requests were opened, or opened again.</summary>
    public int Opened { get; private set; }

    public IEnumerable<Pull> All => _homes.Values.SelectMany(pulls => pulls);

    public IReadOnlyList<Pull> Of(string home) => _homes.GetValueOrDefault(home) ?? [];

    public Pull? Find(string home, long? number) => Of(home).FirstOrDefault(pull => pull.Number == number);

    public void Note(CountRecord count) => _counts.Add(count);

    public Pull Open(string home, string branch, string? taskUid, int? attempt)
    {
        if (!_homes.TryGetValue(home, out var pulls))
        {
            _homes[home] = pulls = [];
        }

        var pull = new Pull(pulls.Count + 1, home, branch, taskUid);
        pulls.Add(pull);
        Change(pull, PullRequestState.Open, NextHead(), attempt);
        Opened++;
        return pull;
    }

    public void Reopen(Pull pull, int? attempt)
    {
        Change(pull, PullRequestState.Open, pull.Head, attempt);
        Opened++;
    }

    public void Push(Pull pull) => Change(pull, pull.State, NextHead(), null);

    public void End(Pull pull, bool isMerged) => Change(pull, isMerged ? PullRequestState.Merged : PullRequestState.Closed, pull.Head, null);

    private void Change(Pull pull, PullRequestState state, string head, int? attempt)
    {
        pull.Change(world.Now, state, head, attempt);
        world.Note($"  {pull}, by {(attempt is null ? "a person or a push" : $"attempt {attempt} of {pull.TaskUid}")}: {state}, head {head}");
    }

    private string NextHead() => "head" + (++_heads).ToString(CultureInfo.InvariantCulture);
}
