using System.Collections.Concurrent;
using System.Text.Json;

namespace Octopoid.Testing;

/// <summary>Watches the Jobs and pods of tasks, and the limits, by itself; see <see cref="AdmissionAccount"/> for what it makes of them.</summary>
public sealed class AdmissionObserver : IAsyncDisposable
{
    private const string Group = "octopoid.dev/";
    private const string Kinds = "/apis/octopoid.dev/v1alpha1/";

    private readonly ConcurrentQueue<Observation> _observations = new();
    private readonly List<RawWatch> _watches = [];

    private AdmissionObserver()
    {
    }

    /// <summary>Starts one; what is there already, it has seen then.</summary>
    public static async Task<AdmissionObserver> StartAsync(ControlPlane server, CancellationToken cancellationToken)
    {
        var observer = new AdmissionObserver();
        await observer.WatchAsync(server, Kinds + "agentorchestrators", (_, item) => Limit(item, "maxConcurrent", ""), cancellationToken);
        await observer.WatchAsync(
            server,
            Kinds + "agentblueprints",
            (_, item) => Limit(item, "maxInstances", $"{Text(item, "metadata", "namespace")}/{Text(item, "metadata", "name")}"),
            cancellationToken);
        await observer.WatchAsync(server, "/apis/batch/v1/jobs", Job, cancellationToken);
        await observer.WatchAsync(server, "/api/v1/pods", Pod, cancellationToken);
        return observer;
    }

    /// <summary>How many Jobs of tasks it has seen by now.</summary>
    public int JobsSeen => _observations.OfType<Observation.Job>().DistinctBy(job => job.Uid).Count();

    /// <summary>The account of all that has happened by now.</summary>
    public async Task<AdmissionAccount> AccountAsync(CancellationToken cancellationToken)
    {
        foreach (var watch in _watches)
        {
            await watch.CatchUpAsync(cancellationToken);
        }

        return AdmissionAccount.Of(_observations);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var watch in _watches)
        {
            await watch.DisposeAsync();
        }
    }

    private async Task WatchAsync(
        ControlPlane server, string path, Func<string, JsonElement, Observation?> read, CancellationToken cancellationToken) =>
        _watches.Add(await RawWatch.StartAsync(
            server,
            path,
            (type, item) =>
            {
                if (read(type, item) is { } observation)
                {
                    _observations.Enqueue(observation);
                }
            },
            cancellationToken));

    private static Observation.Limit Limit(JsonElement item, string maximum, string scope) => new(
        RawWatch.Version(item),
        scope,
        item.GetProperty("metadata").GetProperty("generation").GetInt64(),
        Find(item, "status", "observedGeneration")?.GetInt64() ?? 0,
        item.GetProperty("spec").GetProperty(maximum).GetInt32());

    private static Observation.Job? Job(string type, JsonElement item) => Controller(item, "AgentTask") is not { } taskUid
        ? null
        : new Observation.Job(
            RawWatch.Version(item),
            Text(item, "metadata", "uid"),
            Text(item, "metadata", "name"),
            taskUid,
            Text(item, "metadata", "labels", Group + "attempt"),
            $"{Text(item, "metadata", "namespace")}/{Text(item, "metadata", "labels", Group + "blueprint")}",
            type != "DELETED" && !HasEnded(item));

    private static Observation.Pod? Pod(string type, JsonElement item) => Controller(item, "Job") is not { } jobUid
        ? null
        : new Observation.Pod(
            RawWatch.Version(item),
            Text(item, "metadata", "uid"),
            jobUid,
            type != "DELETED" && Text(item, "status", "phase") is not ("Succeeded" or "Failed"));

    private static bool HasEnded(JsonElement job) => Find(job, "status", "conditions") is { ValueKind: JsonValueKind.Array } conditions
        && conditions.EnumerateArray().Any(condition =>
            Text(condition, "type") is "Complete" or "Failed" && Text(condition, "status") == "True");

    private static string? Controller(JsonElement item, string kind) => Find(item, "metadata", "ownerReferences") is { } owners
        ? owners.EnumerateArray().Where(owner => Text(owner, "kind") == kind).Select(owner => Text(owner, "uid")).FirstOrDefault()
        : null;

    private static string Text(JsonElement item, params string[] path) => Find(item, path)?.GetString() ?? "";

    private static JsonElement? Find(JsonElement item, params string[] path)
    {
        foreach (var name in path)
        {
            if (!item.TryGetProperty(name, out var inner))
            {
                return null;
            }

            item = inner;
        }

        return item;
    }
}
