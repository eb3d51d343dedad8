using Octopoid.Core.Kinds;
using Octopoid.Core.PullRequests;
using Octopoid.Operator.Forge;
using Octopoid.Simulation.Tests.Engine;
using Octopoid.Simulation.Tests.Processes;

namespace Octopoid.Simulation.Tests.Forges;

/// <summary>
/// Counts for a process as the real sessions do: all that are open are listed at one moment, those on record that are not among them are looked
/// up at a later one, both at any time between request and answer. What is lost with its process is never answered.
/// </summary>
internal sealed class ForgeClient(OperatorProcess process) : IForge
{
    /// <summary>So few that there is often more.</summary>
    private const int LookUpLimit = 2;

    private readonly Simulation _simulation = process.Simulation;
    private readonly Chance _chance = process.Simulation.World.Chance("forge of " + process.Name);
    private readonly Dictionary<(string Name, string Home), Dictionary<long, Pull>> _ended = [];

    public Task<PullRequestCount> CountAsync(
        AgentRepository repository, IReadOnlyDictionary<long, PullRequestState> known, CancellationToken cancellationToken)
    {
        var (world, forge, end) = (_simulation.World, _simulation.Forge, new TaskCompletionSource<PullRequestCount>());
        var view = RepositoryView.Of(repository);
        var count = new CountRecord(process.Term!, view, world.Now) { Known = known.Keys.ToHashSet() };
        forge.Note(count);
        var length = Length();
        var (listed, lookedUp) = (_chance.Seconds(0, 1), _chance.Seconds(0, 1));
        lookedUp = Math.Max(listed, lookedUp);
        var failure = Failure();
        var registration = cancellationToken.UnsafeRegister(_ => end.TrySetCanceled(cancellationToken), null);
        var (open, answer) = (new Dictionary<long, SeenPullRequest>(), new PullRequestCount(0));
        world.After(length * listed, () =>
        {
            count.SnapshotAt = world.Now;
            var all = forge.Of(view.Home).Where(pull => pull.State == PullRequestState.Open).ToList();
            open = all.ToDictionary(pull => (long)pull.Number, Seen);
            answer = new PullRequestCount(all.Count(pull => view.Matches(pull) || known.ContainsKey(pull.Number)));
        });
        world.After(length * lookedUp, () => answer = LookUp(view, known, open, answer));
        process.After(length, () =>
        {
            registration.Unregister();
            if (end.Task.IsCompleted)
            {
                return;
            }

            if (failure is not null)
            {
                world.Note($"  {process.Name} cannot count {view.Name}: {failure.Reason}");
                end.TrySetException(new ForgeException(failure));
            }
            else
            {
                count.AnsweredAt = world.Now;
                world.Note($"  {process.Name} has counted {view.Name}: {answer.Open} at {count.SnapshotAt.TotalSeconds:0.000}, asked at {count.BegunAt.TotalSeconds:0.000}");
                end.TrySetResult(answer);
            }

            process.Wake();
        });
        return end.Task;
    }

    private static SeenPullRequest Seen(Pull pull) => new(pull.State, pull.Head);

    private PullRequestCount LookUp(
        RepositoryView view, IReadOnlyDictionary<long, PullRequestState> known, Dictionary<long, SeenPullRequest> open, PullRequestCount listed)
    {
        if (!_ended.TryGetValue((view.Name, view.Home), out var ended))
        {
            _ended[(view.Name, view.Home)] = ended = [];
        }

        foreach (var number in ended.Keys.Where(number => open.ContainsKey(number) || !known.ContainsKey(number)).ToList())
        {
            ended.Remove(number);
        }

        var (seen, left) = (new Dictionary<long, SeenPullRequest>(), LookUpLimit);
        foreach (var (number, recorded) in known)
        {
            if (open.TryGetValue(number, out var pull))
            {
                seen[number] = pull;
            }
            else if (ended.TryGetValue(number, out var kept))
            {
                seen[number] = Seen(kept);
            }
            else if (recorded == PullRequestState.Open && left-- > 0 && _simulation.Forge.Find(view.Home, number) is { } found)
            {
                seen[number] = Seen(found);
                if (found.State != PullRequestState.Open)
                {
                    ended[number] = found;
                }
            }
        }

        var more = seen.Count(one => one.Value.State == PullRequestState.Open && !open.ContainsKey(one.Key));
        return listed with { Open = listed.Open + more, Known = seen, HasMore = left < 0 };
    }

    /// <summary>Most are quick. None is under way when all is calm.</summary>
    private TimeSpan Length()
    {
        var length = _simulation.Forge.Slowness is > 0 and var slow && _chance.Is(0.7) ? _chance.Span(1, slow)
            : _chance.Is(0.85) ? _chance.Span(0.02, 0.8)
            : _chance.Span(0.5, 6);
        var left = _simulation.Calm - _simulation.World.Now;
        return left > TimeSpan.FromSeconds(1) && length > left ? left : length;
    }

    private CountFailure? Failure()
    {
        var (isFaulty, kind, pause) = (_chance.Of(1, 100) <= _simulation.Forge.Faults, _chance.Of(1, 3), _chance.Span(1, 30));
        return !_simulation.Forge.IsOut && !isFaulty ? null : kind switch
        {
            1 => new CountFailure(Reasons.ForgeUnreachable, "The forge does not answer."),
            2 => new CountFailure(Reasons.ForgeRefused, "The forge refuses the credentials."),
            _ => new CountFailure(Reasons.RateLimited, "The forge is asked too often.") { RetryAfter = pause },
        };
    }
}
