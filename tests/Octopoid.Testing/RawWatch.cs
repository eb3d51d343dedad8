using System.Text.Json;

namespace Octopoid.Testing;

/// <summary>Follows one collection over a connection of its own: lists it once, then watches. It shares no code with what is tested by it.</summary>
/// <remarks>A watch that ends is taken up where it ended. One that cannot be fails it: an observer with a gap would vouch for what it has not
/// seen.</remarks>
public sealed class RawWatch : IAsyncDisposable
{
    private readonly HttpClient _client;
    private readonly Uri _collection;
    private readonly Action<string, JsonElement> _seen;
    private readonly CancellationTokenSource _stop = new();
    private Task _watching = Task.CompletedTask;
    private long _version;

    private RawWatch(ControlPlane server, string path, Action<string, JsonElement> seen)
    {
        _client = server.CreateAdmin();
        _client.Timeout = Timeout.InfiniteTimeSpan;
        _collection = new Uri(server.Uri, path);
        _seen = seen;
    }

    /// <summary>Starts one; completes when what is there already has been seen.</summary>
    /// <param name="server">The API server.</param>
    /// <param name="path">The collection.</param>
    /// <param name="seen">Told of each event: its type, and the object, which lives for the call only. Called by one thread at a time.</param>
    /// <param name="cancellationToken">Abandons the start.</param>
    public static async Task<RawWatch> StartAsync(
        ControlPlane server, string path, Action<string, JsonElement> seen, CancellationToken cancellationToken)
    {
        var watch = new RawWatch(server, path, seen);
        await watch.ListAsync(cancellationToken);
        watch._watching = watch.RunAsync(watch._stop.Token);
        return watch;
    }

    /// <summary>The version of an object.</summary>
    public static long Version(JsonElement item) => long.Parse(
        item.GetProperty("metadata").GetProperty("resourceVersion").GetString()!, System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Completes when all that is there by now has been seen.</summary>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _collection);
        request.Headers.Accept.ParseAdd("application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io");
        using var response = await _client.SendAsync(request, cancellationToken);
        response.EnsureSuccessStatusCode();
        using var list = JsonDocument.Parse(await response.Content.ReadAsStreamAsync(cancellationToken));
        var newest = list.RootElement.GetProperty("items").EnumerateArray().Select(Version).DefaultIfEmpty().Max();
        while (Volatile.Read(ref _version) < newest)
        {
            if (_watching.IsCompleted)
            {
                await _watching;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancellationToken);
        }

        if (_watching.IsFaulted)
        {
            await _watching;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _watching;
        }
        catch (OperationCanceledException)
        {
            // As asked.
        }
        finally
        {
            _client.Dispose();
            _stop.Dispose();
        }
    }

    private async Task ListAsync(CancellationToken cancellationToken)
    {
        using var list = JsonDocument.Parse(await _client.GetStreamAsync(_collection, cancellationToken));
        foreach (var item in list.RootElement.GetProperty("items").EnumerateArray())
        {
            See("ADDED", item);
        }

        Volatile.Write(ref _version, Version(list.RootElement));
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            using var response = await _client.GetAsync(
                new Uri($"{_collection}?watch=true&resourceVersion={_version}"), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            response.EnsureSuccessStatusCode();
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
            while (await reader.ReadLineAsync(cancellationToken) is { } line)
            {
                using var change = JsonDocument.Parse(line);
                var type = change.RootElement.GetProperty("type").GetString()!;
                if (type is not ("ADDED" or "MODIFIED" or "DELETED"))
                {
                    throw new InvalidOperationException($"The watch of {_collection} is over: {line}");
                }

                See(type, change.RootElement.GetProperty("object"));
            }
        }
    }

    private void See(string type, JsonElement item)
    {
        _seen(type, item);
        Volatile.Write(ref _version, Math.Max(_version, Version(item)));
    }
}
