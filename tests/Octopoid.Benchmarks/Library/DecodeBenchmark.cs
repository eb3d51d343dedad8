using k8s;
using Octopoid.Core.State;
using Octopoid.Kubernetes.Transport;
using Octopoid.Kubernetes.Watching;

namespace Octopoid.Benchmarks.Library;

/// <summary>Rate and garbage of a watch of Jobs: ours, which keeps little of each, beside the client library's typed one.</summary>
internal static class DecodeBenchmark
{
    private const int Count = 4_000;
    private const int Rounds = 15;

    private static readonly byte[] Buffer = new byte[64 * 1024];

    public static async Task<IReadOnlyList<Result>> RunAsync(CancellationToken cancellationToken)
    {
        var events = SampleJobs.Events(0, Count, isEnded: true);
        await using var server = await WatchServer.StartAsync(events);
        using var bare = new HttpClient();
        using var connection = new Connection(
            new ApiServerConfiguration("the benchmark", () => new KubernetesClientConfiguration { Host = server.Uri }));
        using var client = new TypedClient(server.Uri);
        var served = await Interleaved.MeasureAsync(
            Rounds,
            () => DrainAsync(bare, server.Uri, events.Length, cancellationToken),
            () => client.WatchAsync(Count, cancellationToken),
            () => ReadByUsAsync(connection, cancellationToken));
        var decoded = await Interleaved.MeasureAsync(
            Rounds,
            () => Task.CompletedTask,
            () => TypedClient.DecodeAsync(events),
            () => DecodeByUsAsync(events, cancellationToken));
        return
        [
            .. Compare($"watch of {Count} Jobs of {events.Length / Count} bytes over HTTP", served, (">= 3 x", 3), ("<= 0.25 x", 0.25)),
            new Result("  the same, only drained, not read", "", "", Rate(served[0].Seconds), 1 / served[0].TimeBy(served[1]), null),
            .. Compare("decoder alone, from memory", decoded, ("", null), ("", null)),
        ];
    }

    private static IEnumerable<Result> Compare(
        string what, Interleaved.Costs[] costs, (string Text, double? Least) rate, (string Text, double? Most) garbage)
    {
        var (nothing, theirs, ours) = (costs[0], costs[1], costs[2]);
        var faster = 1 / ours.TimeBy(theirs);
        var (theirBytes, ourBytes) = ((theirs.Bytes - nothing.Bytes) / Count, (ours.Bytes - nothing.Bytes) / Count);
        yield return new(what, rate.Text, Rate(theirs.Seconds), Rate(ours.Seconds), faster, rate.Least is { } least ? faster >= least : null);
        var share = ourBytes / theirBytes;
        yield return new(
            "  allocated",
            garbage.Text,
            $"{theirBytes:0} B/event",
            $"{ourBytes:0} B/event",
            share,
            garbage.Most is { } most ? share <= most : null);
    }

    private static string Rate(double seconds) => $"{Count / seconds:0} events/s";

    private static async Task DrainAsync(HttpClient client, string uri, int length, CancellationToken cancellationToken)
    {
        await using var body = await client.GetStreamAsync(new Uri(uri + "/?watch=true"), cancellationToken);
        for (var left = length; left > 0;)
        {
            left -= await body.ReadAsync(Buffer, cancellationToken);
        }
    }

    private static async Task ReadByUsAsync(Connection connection, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sink = new CountingSink<ObservedJob>(Count);
        var run = connection.Reflector(WatchedJobs.Resource, sink).RunAsync(stop.Token);
        await sink.Reached;
        await stop.CancelAsync();
        await run;
    }

    private static async Task DecodeByUsAsync(byte[] events, CancellationToken cancellationToken)
    {
        await foreach (var _ in WatchStream.ReadAsync(new MemoryStream(events), WatchedJobs.Resource, cancellationToken))
        {
        }
    }
}
