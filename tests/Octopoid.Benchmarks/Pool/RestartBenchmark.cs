using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Octopoid.Kubernetes.Watching;
using Octopoid.Operator.Watch;
using Octopoid.Testing;

namespace Octopoid.Benchmarks.Pool;

/// <summary>A new process takes over a pool with 10,000 tasks waiting and 1,000 at work: how long until it has said how all stands, beside a bare list of both.</summary>
internal static class RestartBenchmark
{
    private const int Waiting = 10_000;
    private const int Running = 1_000;
    private const int Rounds = 5;
    private const int PageSize = 500;

    public static async Task<IReadOnlyList<Result>> RunAsync(CancellationToken cancellationToken)
    {
        await using var pool = await BenchedPool.StartAsync(isAudited: true, cancellationToken);
        await pool.LimitAsync(Running, cancellationToken);
        await pool.CreateBlueprintAsync(BenchedPool.Namespace, cancellationToken);
        await pool.CreateTasksAsync(
            BenchedPool.Namespace, Enumerable.Range(0, Waiting + Running).Select(i => string.Create(CultureInfo.InvariantCulture, $"task-{i:00000}")), cancellationToken);
        await pool.StartOperatorAsync(BenchedPool.Namespace, cancellationToken);
        await using (var timeline = await JobTimeline.StartAsync(pool, BenchedPool.Namespace, cancellationToken))
        {
            await timeline.UntilStartedAsync(Running, cancellationToken);
        }

        await pool.StopOperatorAsync(cancellationToken);

        var (ours, theirs) = (new double[Rounds], new double[Rounds]);
        var (writes, resident) = (0, 0.0);
        using var client = BareClient.Create(pool.Server, ControlPlane.OperatorToken);
        await ListAsync(client, cancellationToken);
        for (var round = 0; round < Rounds; round++)
        {
            var begin = JobTimeline.Now;
            await ListAsync(client, cancellationToken);
            theirs[round] = (JobTimeline.Now - begin).TotalMilliseconds;

            var since = pool.Server.Audit!.Position;
            begin = JobTimeline.Now;
            await pool.StartOperatorAsync(BenchedPool.Namespace, cancellationToken);
            ours[round] = (JobTimeline.Now - begin).TotalMilliseconds;
            resident = (await pool.CostAsync(cancellationToken)).PeakResidentBytes / 1024.0 / 1024;
            await pool.StopOperatorAsync(cancellationToken);
            writes += pool.Server.Audit.Requests(ControlPlane.OperatorUser, since)
                .Count(request => request.IsWrite && request.Resource is "agenttasks/status" or "jobs" && request.Verb != "list");
        }

        var ratios = ours.By(theirs);
        return
        [
            new($"restart with {Waiting} waiting, {Running} at work, by a bare list", "<= 2 x", $"{theirs.Median():0} ms", $"{ours.Median():0} ms", ratios.Median(), ratios.Median() <= 2)
            {
                Spread = ratios.Spread(),
            },
            new("  writes to take over what runs", "0", "", writes.ToString(CultureInfo.InvariantCulture), null, writes == 0),
            new("  resident memory, most ever", "<= 100 MiB", "", string.Create(CultureInfo.InvariantCulture, $"{resident:0} MiB"), null, resident <= 100),
        ];
    }

    /// <summary>Lists both, in pages, into the operator's own records.</summary>
    private static async Task ListAsync(HttpClient client, CancellationToken cancellationToken)
    {
        var tasks = await ListAsync(client, "agenttasks", ObservedJson.Default.TaskList, cancellationToken);
        var jobs = await ListAsync(client, "jobs", ObservedJson.Default.JobList, cancellationToken);
        if ((tasks, jobs) != (Waiting + Running, Running))
        {
            throw new InvalidOperationException($"{tasks} tasks and {jobs} Jobs were listed.");
        }
    }

    private static async Task<int> ListAsync<T>(
        HttpClient client, string resource, JsonTypeInfo<ResourceList<T>> json, CancellationToken cancellationToken)
        where T : class
    {
        var all = 0;
        string? next = null;
        do
        {
            var path = $"{BenchedPool.Path(BenchedPool.Namespace, resource)}?limit={PageSize}" + (next is null ? "" : "&continue=" + Uri.EscapeDataString(next));
            var page = JsonSerializer.Deserialize(await client.GetByteArrayAsync(new Uri(path, UriKind.Relative), cancellationToken), json)!;
            all += page.Items!.Count;
            next = page.Metadata!.Continue;
        }
        while (!string.IsNullOrEmpty(next));
        return all;
    }
}
