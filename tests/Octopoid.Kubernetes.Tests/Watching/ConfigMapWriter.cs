using System.Net;

namespace Octopoid.Kubernetes.Tests.Watching;

/// <summary>
/// Creates, changes, deletes and makes anew the ConfigMaps of some names at random, through every outage, and keeps what is true of them by
/// the server's own word: its answer, or where there was none, a consistent read.
/// </summary>
/// <param name="objects">Where they are.</param>
/// <param name="names">The names that nobody else writes.</param>
/// <param name="random">Where chance comes from.</param>
/// <param name="written">Told of each object that a write was answered with.</param>
internal sealed class ConfigMapWriter(ConfigMaps objects, IReadOnlyList<string> names, Random random, Action<Thing> written)
{
    private readonly Dictionary<string, Thing?> _truth = [];
    private int _writes;

    /// <summary>Writes that were answered.</summary>
    public int Writes => Volatile.Read(ref _writes);

    /// <summary>Of these, deletions.</summary>
    public int Deletions { get; private set; }

    /// <summary>Writes that were not answered, or refused because one before that was not answered had taken effect.</summary>
    public int Ambiguous { get; private set; }

    /// <summary>What there is, once it has ended.</summary>
    public IEnumerable<Thing> Truth => _truth.Values.OfType<Thing>();

    /// <summary>Creates all, then changes one after the other until it is told to stop; the write that is under way then is still answered.</summary>
    /// <param name="stop">Ends it.</param>
    /// <param name="cancellationToken">Abandons it.</param>
    public async Task RunAsync(CancellationToken stop, CancellationToken cancellationToken)
    {
        foreach (var name in names)
        {
            await CreateAsync(name, cancellationToken);
        }

        while (!stop.IsCancellationRequested)
        {
            await ChangeAsync(names[random.Next(names.Count)], cancellationToken);
        }
    }

    private async Task ChangeAsync(string name, CancellationToken cancellationToken)
    {
        switch (_truth[name])
        {
            case null:
                await CreateAsync(name, cancellationToken);
                break;

            case { } known when random.Next(10) is var chance and >= 5:
                await DeleteAsync(known, cancellationToken);
                if (chance >= 7)
                {
                    await CreateAsync(name, cancellationToken);
                }

                break;

            case { } known:
                await TryAsync(name, () => objects.UpdateAsync(known, random.Next(), cancellationToken), cancellationToken);
                break;
        }
    }

    private async Task CreateAsync(string name, CancellationToken cancellationToken)
    {
        while (_truth.GetValueOrDefault(name) is null)
        {
            await TryAsync(name, () => objects.CreateAsync(name, cancellationToken), cancellationToken);
        }
    }

    private async Task DeleteAsync(Thing known, CancellationToken cancellationToken)
    {
        if (await TryAsync(known.Metadata!.Name!, () => objects.DeleteAsync(known, cancellationToken), cancellationToken))
        {
            Deletions++;
        }
    }

    /// <summary>One write. It is true once it is answered; otherwise a read tells what is.</summary>
    private async Task<bool> TryAsync(
        string name, Func<Task<(HttpStatusCode Code, Thing? Answer)>> write, CancellationToken cancellationToken)
    {
        if (await AnswerAsync(write) is { Code: HttpStatusCode.OK or HttpStatusCode.Created } answer)
        {
            _truth[name] = answer.Answer;
            Interlocked.Increment(ref _writes);
            if (answer.Answer is { } stored)
            {
                written(stored);
            }

            return true;
        }

        Ambiguous++;
        while (true)
        {
            if (await AnswerAsync(() => objects.GetAsync(name, cancellationToken)) is { Code: HttpStatusCode.OK or HttpStatusCode.NotFound } found)
            {
                _truth[name] = found.Answer;
                return false;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(50, 100)), TimeProvider.System, cancellationToken);
        }
    }

    private static async Task<(HttpStatusCode Code, Thing? Answer)?> AnswerAsync(Func<Task<(HttpStatusCode Code, Thing? Answer)>> ask)
    {
        try
        {
            return await ask();
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            // No answer, or half of one.
            return null;
        }
    }
}
