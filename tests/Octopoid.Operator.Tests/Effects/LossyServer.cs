using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Octopoid.Kubernetes.Transport;

namespace Octopoid.Operator.Tests.Effects;

/// <summary>An API server that has one task and its Job: it carries the first write of each out, and its answer is lost.</summary>
internal sealed class LossyServer(JsonObject task) : IApiTransport
{
    private bool _hasLostPatch;
    private int _version = 1;

    public JsonObject Task => task;

    /// <summary>The Job; null when there is none.</summary>
    public JsonObject? Job { get; set; }

    public Task<T> GetAsync<T>(string path, JsonTypeInfo<T> json, CancellationToken cancellationToken) =>
        System.Threading.Tasks.Task.FromResult(Read(path.Contains("/jobs/", StringComparison.Ordinal) ? Job : task, json));

    public Task<T> PostAsync<T>(string path, ReadOnlyMemory<byte> body, JsonTypeInfo<T> json, CancellationToken cancellationToken)
    {
        var made = JsonNode.Parse(body.Span)!.AsObject();
        if (!path.Contains("/jobs", StringComparison.Ordinal))
        {
            return System.Threading.Tasks.Task.FromResult(Read(made, json));
        }

        if (Job is not null)
        {
            throw new ApiException(HttpStatusCode.Conflict, "AlreadyExists", "exists", null);
        }

        made["metadata"]!["uid"] = "job-uid";
        made["metadata"]!["resourceVersion"] = "1";
        Job = made;
        throw new TimeoutException("The answer is lost.");
    }

    public Task<T> MergePatchAsync<T>(string path, ReadOnlyMemory<byte> patch, JsonTypeInfo<T> json, CancellationToken cancellationToken)
    {
        if (!path.Contains("/agenttasks/t/", StringComparison.Ordinal))
        {
            throw new ApiException(HttpStatusCode.NotFound, "NotFound", "not found", null);
        }

        var changes = JsonNode.Parse(patch.Span)!.AsObject();
        if ((string?)changes["metadata"]!["resourceVersion"] != $"{_version}")
        {
            throw new ApiException(HttpStatusCode.Conflict, "Conflict", "has changed", null);
        }

        Merge(task, changes);
        task["metadata"]!["resourceVersion"] = $"{++_version}";
        if (!_hasLostPatch)
        {
            _hasLostPatch = true;
            throw new TimeoutException("The answer is lost.");
        }

        return System.Threading.Tasks.Task.FromResult(Read(task, json));
    }

    public System.Threading.Tasks.Task DeleteAsync(string path, ReadOnlyMemory<byte> options, CancellationToken cancellationToken) => throw new NotSupportedException();

    public IApiTransport WithTimeout(TimeSpan requestTimeout) => this;

    private static T Read<T>(JsonObject? found, JsonTypeInfo<T> json) =>
        found is null ? throw new ApiException(HttpStatusCode.NotFound, "NotFound", "not found", null) : found.Deserialize(json)!;

    private static void Merge(JsonObject into, JsonObject changes)
    {
        foreach (var (name, value) in changes)
        {
            if (value is null)
            {
                into.Remove(name);
            }
            else if (value is JsonObject nested && into[name] is JsonObject known)
            {
                Merge(known, nested);
            }
            else
            {
                into[name] = value.DeepClone();
            }
        }
    }
}
