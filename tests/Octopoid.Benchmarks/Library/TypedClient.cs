extern alias KubernetesClient;

using System.Text;
using KubernetesClient::k8s;
using KubernetesClient::k8s.Models;
using Typed = KubernetesClient::k8s;

namespace Octopoid.Benchmarks.Library;

/// <summary>The client library's typed reading of Jobs, which ours stands beside.</summary>
internal sealed class TypedClient(string uri) : IDisposable
{
    private readonly Typed.Kubernetes _client = new(new KubernetesClientConfiguration { Host = uri });

    /// <summary>Watches until so many events have come.</summary>
    public async Task WatchAsync(int count, CancellationToken cancellationToken)
    {
        var left = count;
        await foreach (var _ in _client.BatchV1.WatchListNamespacedJobAsync(SampleJobs.Namespace, cancellationToken: cancellationToken))
        {
            if (--left == 0)
            {
                return;
            }
        }
    }

    /// <summary>Reads a watch's events from memory.</summary>
    public static Task DecodeAsync(byte[] events)
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var watcher = new Watcher<V1Job>(
            () => Task.FromResult<TextReader>(new StreamReader(new MemoryStream(events))), (_, _) => { }, closed.SetException, () => closed.TrySetResult());
        return closed.Task.ContinueWith(_ => watcher.Dispose(), TaskScheduler.Default);
    }

    /// <summary>Reads a watch's events and keeps the Jobs by name, whole.</summary>
    public static void Keep(byte[] events, Dictionary<string, object> kept)
    {
        foreach (var line in Encoding.UTF8.GetString(events).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var job = KubernetesJson.Deserialize<Watcher<V1Job>.WatchEvent>(line).Object;
            kept[job.Metadata.Name] = job;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();
}
