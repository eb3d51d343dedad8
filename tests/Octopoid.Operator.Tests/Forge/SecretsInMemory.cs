using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Octopoid.Kubernetes.Transport;

namespace Octopoid.Operator.Tests.Forge;

/// <summary>An API server that serves Secrets alone.</summary>
internal sealed class SecretsInMemory : IApiTransport
{
    private readonly Dictionary<string, IReadOnlyDictionary<string, string>> _secrets = [];

    /// <summary>What each read ends with; null: the Secret, or that there is none.</summary>
    public Exception? Failure { get; set; }

    /// <summary>What the Secrets are for.</summary>
    public string Type { get; set; } = "Opaque";

    /// <summary>How many reads there were.</summary>
    public int Reads { get; private set; }

    /// <summary>Writes a Secret of the namespace <c>work</c>.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="data">What it holds; null: there is none any more.</param>
    public void Put(string name, IReadOnlyDictionary<string, string>? data)
    {
        var path = $"api/v1/namespaces/work/secrets/{name}";
        if (data is null)
        {
            _secrets.Remove(path);
        }
        else
        {
            _secrets[path] = data;
        }
    }

    public Task<T> GetAsync<T>(string path, JsonTypeInfo<T> json, CancellationToken cancellationToken)
    {
        Reads++;
        if (Failure is not null)
        {
            throw Failure;
        }

        var data = _secrets.GetValueOrDefault(path)
            ?? throw new ApiException(HttpStatusCode.NotFound, "NotFound", "secrets not found", null);
        var secret = JsonSerializer.Serialize(new { type = Type, data = data.ToDictionary(pair => pair.Key, pair => Encoding.UTF8.GetBytes(pair.Value)) });
        return Task.FromResult(JsonSerializer.Deserialize(secret, json)!);
    }

    public Task<T> PostAsync<T>(string path, ReadOnlyMemory<byte> body, JsonTypeInfo<T> json, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<T> MergePatchAsync<T>(string path, ReadOnlyMemory<byte> patch, JsonTypeInfo<T> json, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task DeleteAsync(string path, ReadOnlyMemory<byte> options, CancellationToken cancellationToken) => throw new NotSupportedException();

    public IApiTransport WithTimeout(TimeSpan requestTimeout) => this;
}
