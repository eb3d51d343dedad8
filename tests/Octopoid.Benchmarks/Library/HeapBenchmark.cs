using System.Text.Json;
using Octopoid.Core.Kinds;
using Octopoid.Core.State;
using Octopoid.Kubernetes.Watching;
using Octopoid.Operator.Watch;

namespace Octopoid.Benchmarks.Library;

/// <summary>The managed heap that a cached Job or a waiting task holds: the record that we keep with its places, beside the whole object.</summary>
internal static class HeapBenchmark
{
    private const int Count = 50_000;
    private const int BaselineCount = 5_000;
    private const int Batch = 1_000;
    private const double Goal = 512;

    public static async Task<IReadOnlyList<Result>> RunAsync(CancellationToken cancellationToken)
    {
        // What the readers keep for themselves must not be counted as the objects'.
        await FillAsync(new ObjectStore<ObservedJob>(WatchedJobs.Resource.Identify), Batch, isEnded: true, cancellationToken);
        KeepWhole(Batch);

        var before = GC.GetTotalMemory(forceFullCollection: true);
        var whole = KeepWhole(BaselineCount);
        var theirs = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)BaselineCount;
        GC.KeepAlive(whole);

        before = GC.GetTotalMemory(forceFullCollection: true);
        var store = new ObjectStore<ObservedJob>(WatchedJobs.Resource.Identify);
        await FillAsync(store, Count, isEnded: false, cancellationToken);
        var running = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)Count;
        await FillAsync(store, Count, isEnded: true, cancellationToken);
        var ended = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)Count;
        GC.KeepAlive(store);
        return
        [
            Compare($"heap per Job, {Count} running, each seen once", running),
            Compare($"heap per Job, {Count} ended, each seen twice", ended),
            MeasureTasks(),
        ];

        Result Compare(string what, double ours) => new(what, "<= 512 B", $"{theirs:0} B", $"{ours:0} B", ours / theirs, ours <= Goal);
    }

    /// <summary>A task that waits: the record of it, its place in the store, and its place in the queue.</summary>
    private static Result MeasureTasks()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var whole = Enumerable.Range(0, BaselineCount).Select(i => JsonSerializer.Deserialize(SampleTasks.Json(i), KindsJson.Default.AgentTask)!).ToList();
        var theirs = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)BaselineCount;
        GC.KeepAlive(whole);

        var now = TimeProvider.System.GetUtcNow();
        before = GC.GetTotalMemory(forceFullCollection: true);
        var store = new ObjectStore<ObservedTask>(
            task => new ObjectIdentity(task.Metadata.Namespace ?? "", task.Metadata.Name, task.Metadata.Uid, task.Metadata.ResourceVersion));
        var state = new ClusterState();
        for (var i = 0; i < Count; i++)
        {
            var task = JsonSerializer.Deserialize(SampleTasks.Json(i), ObservedJson.Default.ObservedTask)!;
            store.Put(task);
            state.Apply(new Fact.TaskSeen(null, task), now);
        }

        var ours = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)Count;
        GC.KeepAlive(store);
        GC.KeepAlive(state);
        return new($"heap per waiting task, {Count} cached and queued", "<= 1024 B", $"{theirs:0} B", $"{ours:0} B", ours / theirs, ours <= 1024);
    }

    private static async Task FillAsync(ObjectStore<ObservedJob> store, int count, bool isEnded, CancellationToken cancellationToken)
    {
        for (var first = 0; first < count; first += Batch)
        {
            using var events = new MemoryStream(SampleJobs.Events(first, Batch, isEnded));
            await foreach (var line in WatchStream.ReadAsync(events, WatchedJobs.Resource, cancellationToken))
            {
                store.Put(line.Object!);
            }
        }
    }

    private static Dictionary<string, object> KeepWhole(int count)
    {
        var kept = new Dictionary<string, object>();
        for (var first = 0; first < count; first += Batch)
        {
            TypedClient.Keep(SampleJobs.Events(first, Batch, isEnded: true), kept);
        }

        return kept;
    }
}
