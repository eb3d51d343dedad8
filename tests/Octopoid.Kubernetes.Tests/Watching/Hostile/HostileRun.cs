using System.Globalization;
using Octopoid.Kubernetes.Watching;
using Octopoid.Testing;

namespace Octopoid.Kubernetes.Tests.Watching.Hostile;

/// <summary>One seed: the server lives, the adversary plays, the informer follows; then there is peace, and the informer must come to the truth.</summary>
internal sealed class HostileRun : IAsyncDisposable
{
    /// <summary>Longer than any request, so that no list of before an outage is answered after it.</summary>
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(40);

    /// <summary>A watch that the adversary has made silent is given up after 150 s, and pauses have grown to 30 s.</summary>
    private static readonly TimeSpan Peace = TimeSpan.FromHours(1);

    private readonly FastTime _time = new(500);
    private readonly Adversary _adversary;
    private readonly Adversary _life;
    private readonly Trace _trace;
    private readonly ServedThings _things = new();
    private readonly HostileApi _api;
    private readonly TestConnection _connection;
    private readonly Informer<Thing> _informer;
    private readonly ObjectIndex<Thing> _byOwner;
    private readonly ChangeReplay[] _replays = [new(), new()];
    private readonly List<Thing> _answers = [];
    private readonly List<Task> _relists = [];
    private readonly Dictionary<ObjectKey, (Thing Written, int Touches)> _observed = [];
    private readonly CancellationTokenSource _stop;
    private readonly Task _run;
    private string? _violation;

    public HostileRun(HostileServer server, int seed, CancellationToken cancellationToken)
    {
        _adversary = new Adversary(seed);
        _life = new Adversary(~seed);
        _trace = new Trace(_time);
        _api = new HostileApi(_things, _adversary, _time, _trace);
        _connection = new TestConnection(server.Serve(_api), _time, seed);
        _informer = _connection.Informer(Thing.Watched);
        _byOwner = _informer.AddIndex(thing => thing.Owner);
        _informer.Register(_replays[0].Apply);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _run = _informer.RunAsync(_stop.Token);
    }

    public string Trace => _trace.ToString();

    /// <summary>Runs it.</summary>
    /// <returns>How long peace took to bring the truth, on the run's clock, and what was wrong; null when nothing was.</returns>
    public async Task<(TimeSpan Took, string? Violation)> RunAsync()
    {
        await LiveAsync();
        _adversary.IsActive = false;
        _things.Mend();
        _answers.ForEach(_informer.Observe);
        _trace.Add("PEACE");
        var peace = _time.Elapsed;
        await ConvergeAsync(peace + Peace);
        var took = _time.Elapsed - peace;
        if (_violation is null && Difference() is null)
        {
            // The truth must stay: nothing that was under way may undo it.
            await RelistAsync();
            _violation ??= Difference();
        }

        return (took, _violation ?? Difference());
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run;
        _connection.Dispose();
        _api.Dispose();
        _stop.Dispose();
    }

    private async Task LiveAsync()
    {
        var steps = _life.Next(20, 120);
        for (var step = 0; step < steps; step++)
        {
            await StepAsync();
            CheckObserved();
            if (step == steps / 2)
            {
                _informer.Register(_replays[1].Apply);
            }

            if (_life.Chance(70))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(_life.Next(0, _life.Chance(10) ? 30_000 : 4000)), _time, _stop.Token);
                CheckObserved();
            }
        }
    }

    private async Task StepAsync()
    {
        var key = new ObjectKey(_life.Chance(70) ? "n" : "m", $"t{_life.Next(0, 6)}");
        switch (_life.Next(0, 100))
        {
            case < 55:
                Write($"PUT {key}", _things.Put(key, $"o{_life.Next(0, 3)}", isReadable: !_life.Chance(2)));
                break;
            case < 70:
                _things.Delete(key);
                _trace.Add($"DELETE {key}");
                break;
            case < 80:
                _things.Delete(key);
                Write($"AGAIN {key}", _things.Put(key, $"o{_life.Next(0, 3)}"));
                break;
            case < 85:
                _things.WriteElsewhere(_life.Next(1, 5));
                break;
            case < 90:
                _things.Compact(_life.Next(0, 4));
                _trace.Add("COMPACT");
                break;
            case < 96:
                _relists.Add(RelistAsync());
                break;
            case < 98:
                _things.BackUp();
                _trace.Add("BACKUP");
                break;
            case 98:
                _answers.Clear();
                await _api.RestoreAsync(_life.Chance(50), Outage, _stop.Token);
                break;
            default:
                break;
        }

        Answer();
    }

    /// <summary>Notes a write that may have been our own: its answer is observed soon, or later than what came after it.</summary>
    private void Write(string what, ServedObject written)
    {
        _trace.Add($"{what}: {written}");
        if (written.IsReadable && _life.Chance(40))
        {
            _answers.Add(written.Thing);
        }
    }

    private void Answer()
    {
        while (_answers.Count > 0 && _life.Chance(60))
        {
            var answer = _answers[_life.Next(0, _answers.Count)];
            _answers.Remove(answer);
            _trace.Add($"OBSERVE {answer.Metadata}");
            _informer.Observe(answer);
            var now = _things.Now();
            var key = Thing.Identify(answer).Key;
            if (_informer.Synced.IsCompleted && IsSame(now.Objects.GetValueOrDefault(key), answer))
            {
                _observed[key] = (answer, now.Touches[key]);
            }
        }
    }

    /// <summary>A write whose answer was observed is known from then on, until the object is changed again.</summary>
    private void CheckObserved()
    {
        foreach (var (key, (written, touches)) in _observed)
        {
            var known = _informer.Lister.Find(key);
            var now = _things.Now();

            // The informer cannot know of a restore before its next list.
            if (now.Epoch == 0 && now.Touches[key] == touches && known != written)
            {
                _violation ??= $"The write of {written} was observed, but later {known} was known.";
            }
        }
    }

    /// <summary>A list that was wanted: what has not changed since the wish must be known when it is granted.</summary>
    private async Task RelistAsync()
    {
        var before = _things.Now();
        _trace.Add("RELIST");
        await _informer.RelistAsync(_stop.Token);
        var told = _replays[0].Objects;
        var after = _things.Now();
        _trace.Add("RELISTED");
        foreach (var key in before.Touches.Keys.Where(key => before.Epoch == after.Epoch && before.Touches[key] == after.Touches[key]))
        {
            if (!IsSame(before.Objects.GetValueOrDefault(key), told.GetValueOrDefault(key)))
            {
                _violation ??= $"After a wanted list {key} was known as {told.GetValueOrDefault(key)}, but is {before.Objects.GetValueOrDefault(key)}.";
            }
        }
    }

    private async Task ConvergeAsync(TimeSpan end)
    {
        while (_time.Elapsed < end && !_run.IsCompleted && (Difference() is not null || !_relists.TrueForAll(relist => relist.IsCompleted)))
        {
            await Task.Delay(TimeSpan.FromSeconds(1), _time, _stop.Token);
        }

        if (_run.IsCompleted)
        {
            _violation ??= $"The informer has ended: {_run.Exception}";
        }
        else if (_relists.Exists(relist => !relist.IsCompleted))
        {
            _violation ??= "A wanted list never came.";
        }
    }

    private string? Difference()
    {
        var truth = _things.Now().Objects;
        var known = _informer.Lister.Objects.ToDictionary(thing => Thing.Identify(thing).Key);
        return _replays.Select(replay => replay.Violation).FirstOrDefault(violation => violation is not null)
            ?? Compare("the store", truth, known)
            ?? Compare("the first handler", truth, _replays[0].Objects)
            ?? Compare("the second handler", truth, _replays[1].Objects)
            ?? Enumerable.Range(0, 3).Select(owner => $"o{owner}").Select(owner => Compare(
                $"the index of {owner}",
                truth.Where(entry => entry.Value.Owner == owner).ToDictionary(),
                _byOwner.Find(owner).ToDictionary(thing => Thing.Identify(thing).Key))).FirstOrDefault(difference => difference is not null);
    }

    private static string? Compare(string what, Dictionary<ObjectKey, ServedObject> truth, Dictionary<ObjectKey, Thing> known) =>
        truth.Keys.Union(known.Keys)
            .Where(key => !IsSame(truth.GetValueOrDefault(key), known.GetValueOrDefault(key)))
            .Select(key => string.Create(
                CultureInfo.InvariantCulture, $"{what} has {known.GetValueOrDefault(key)} where the server has {truth.GetValueOrDefault(key)}"))
            .FirstOrDefault();

    private static bool IsSame(ServedObject? truth, Thing? known) => truth?.Thing == known;
}
