using System.Net;
using System.Text.Json;
using Octopoid.Kubernetes.Transport;
using Octopoid.Kubernetes.Watching;
using Octopoid.Testing;

namespace Octopoid.Kubernetes.Tests.Watching;

/// <summary>The ConfigMaps of one namespace, written and read as administrator with no informer in between.</summary>
internal sealed class ConfigMaps(ControlPlane server, string namespaceName)
{
    private readonly string _collection = "/" + Path.Collection(namespaceName);

    /// <summary>How an informer reads them.</summary>
    public WatchedResource<Thing> Watched { get; } = Thing.Watched with { Path = Path, Namespace = namespaceName };

    private static ResourcePath Path { get; } = new("", "v1", "configmaps");

    /// <summary>Creates one.</summary>
    public Task<(HttpStatusCode Code, Thing? Answer)> CreateAsync(string name, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, _collection, $$"""{"metadata":{"name":"{{name}}"},"data":{"n":"0"} }""", "application/json", cancellationToken);

    /// <summary>Changes one, if it is still in the state known.</summary>
    public Task<(HttpStatusCode Code, Thing? Answer)> UpdateAsync(Thing known, int value, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Patch,
        $"{_collection}/{known.Metadata!.Name}",
        $$"""{"metadata":{"resourceVersion":"{{known.Metadata.ResourceVersion}}"},"data":{"n":"{{value}}"} }""",
        "application/merge-patch+json",
        cancellationToken);

    /// <summary>Deletes one, if it is still in the state known.</summary>
    public Task<(HttpStatusCode Code, Thing? Answer)> DeleteAsync(Thing known, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Delete,
        $"{_collection}/{known.Metadata!.Name}",
        $$"""{"preconditions":{"uid":"{{known.Metadata.Uid}}","resourceVersion":"{{known.Metadata.ResourceVersion}}"} }""",
        "application/json",
        cancellationToken);

    /// <summary>Reads one, consistently.</summary>
    public Task<(HttpStatusCode Code, Thing? Answer)> GetAsync(string name, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, $"{_collection}/{name}", null, "application/json", cancellationToken);

    /// <summary>All that there are, read consistently and in one piece, in the order of their names.</summary>
    public async Task<List<Thing>> ListAsync(CancellationToken cancellationToken)
    {
        var answer = (await server.GetAsync(_collection, cancellationToken)).EnsureSuccess();
        return InOrder(JsonSerializer.Deserialize(answer.Body, Watched.ListJson)!.Items!);
    }

    /// <summary>Orders by name.</summary>
    public static List<Thing> InOrder(IEnumerable<Thing> things) => [.. things.OrderBy(thing => thing.Metadata!.Name, StringComparer.Ordinal)];

    private async Task<(HttpStatusCode Code, Thing? Answer)> SendAsync(
        HttpMethod method, string path, string? body, string contentType, CancellationToken cancellationToken)
    {
        var answer = await server.SendAsync(method, path, body, contentType, cancellationToken);
        var isObject = (int)answer.Code is >= 200 and < 300 && method != HttpMethod.Delete;
        return (answer.Code, isObject ? JsonSerializer.Deserialize(answer.Body, Watched.Json) : null);
    }
}
