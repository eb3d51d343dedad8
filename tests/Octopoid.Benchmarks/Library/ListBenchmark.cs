using System.Text.Json;
using Octopoid.Kubernetes.Transport;
using Octopoid.Testing;

namespace Octopoid.Benchmarks.Library;

/// <summary>An informer's first list, from a real API server over TLS, beside a bare GET of the same read into the same records.</summary>
internal static class ListBenchmark
{
    private const int Count = 20_000;
    private const int Rounds = 7;
    private const int PageSize = 500;
    private const string Collection = "api/v1/namespaces/default/configmaps";

    public static async Task<IReadOnlyList<Result>> RunAsync(CancellationToken cancellationToken)
    {
        await using var server = await ControlPlane.StartAsync(cancellationToken);
        await CreateAsync(server, cancellationToken);
        var costs = await Interleaved.MeasureAsync(
            Rounds,
            () => ReadBareAsync(server, PageSize, cancellationToken),
            () => ReadByInformerAsync(server, cancellationToken),
            () => ReadBareAsync(server, 0, cancellationToken));
        var (paged, ours, whole) = (costs[0], costs[1], costs[2]);
        var ratio = ours.TimeBy(paged);
        return
        [
            new($"first list of {Count} ConfigMaps, pages of {PageSize}", "<= 1.3 x", Time(paged), Time(ours), ratio, ratio <= 1.3),
            new("  beside one bare GET without pages", "", Time(whole), Time(ours), ours.TimeBy(whole), null),
        ];
    }

    private static string Time(Interleaved.Costs costs) => $"{costs.Seconds * 1000:0} ms";

    private static Task CreateAsync(ControlPlane server, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            Enumerable.Range(0, Count),
            new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancellationToken },
            async (i, token) =>
            {
                var body = $$$"""{"metadata":{"name":"settings-{{{i}}}","labels":{"bench":"list"}},"data":{"key":"value {{{i}}}"}}""";
                (await server.SendAsync(HttpMethod.Post, "/" + Collection, body, "application/json", token)).EnsureSuccess();
            });

    private static async Task ReadByInformerAsync(ControlPlane server, CancellationToken cancellationToken)
    {
        using var connection = new Connection(ApiServerConfiguration.Kubeconfig(server.KubeconfigPath));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var informer = connection.Informer(LabelledObject.ConfigMaps);
        var run = informer.RunAsync(stop.Token);
        await informer.Synced;
        Require(informer.Lister.Count);
        await stop.CancelAsync();
        await run;
    }

    private static async Task ReadBareAsync(ControlPlane server, int limit, CancellationToken cancellationToken)
    {
        using var client = BareClient.Create(server, ControlPlane.AdminToken);
        var all = new List<LabelledObject>();
        string? next = null;
        do
        {
            var path = $"{Collection}?limit={limit}&labelSelector=bench%3Dlist" + (next is null ? "" : "&continue=" + Uri.EscapeDataString(next));
            var body = await client.GetByteArrayAsync(new Uri(path, UriKind.Relative), cancellationToken);
            var page = JsonSerializer.Deserialize(body, LabelledJson.Default.Page)!;
            all.AddRange(page.Items!);
            next = page.Metadata!.Continue;
        }
        while (!string.IsNullOrEmpty(next));
        Require(all.Count);
    }

    private static void Require(int count)
    {
        if (count != Count)
        {
            throw new InvalidOperationException($"{count} objects were read in place of {Count}.");
        }
    }
}
