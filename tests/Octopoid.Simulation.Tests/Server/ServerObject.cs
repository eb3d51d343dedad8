using System.Text.Json;
using System.Text.Json.Nodes;

namespace Octopoid.Simulation.Tests.Server;

/// <summary>One state of one object. Nobody changes it: a change makes another.</summary>
internal sealed class ServerObject(string resource, JsonObject json)
{
    private byte[]? _wire;
    private TaskView? _task;

    public string Resource => resource;

    public JsonObject Json => json;

    public string Namespace { get; } = json.Text("metadata", "namespace") ?? "";

    public string Name { get; } = json.Text("metadata", "name") ?? "";

    public string Uid { get; } = json.Text("metadata", "uid") ?? "";

    public long Version { get; } = long.Parse(json.Text("metadata", "resourceVersion") ?? "0", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>As it goes over the wire.</summary>
    public byte[] Wire => _wire ??= JsonSerializer.SerializeToUtf8Bytes(json);

    /// <summary>Read as a task.</summary>
    public TaskView Task => _task ??= TaskView.Of(this);

    public string? Label(string name) => json.Text("metadata", "labels", name);

    public bool IsBeingDeleted => json.Text("metadata", "deletionTimestamp") is not null;

    /// <summary>The UID of the object that controls it.</summary>
    public string? ControllerUid => json.At("metadata", "ownerReferences") is JsonArray owners
        ? owners.OfType<JsonObject>().FirstOrDefault(owner => owner.Flag("controller"))?.Text("uid")
        : null;

    /// <summary>True for a Job that has ended.</summary>
    public bool IsEndedJob => json.At("status", "conditions") is JsonArray conditions
        && conditions.OfType<JsonObject>().Any(c => c.Text("status") == "True" && c.Text("type") is "Complete" or "Failed");

    /// <summary>The last word of a pod's agent.</summary>
    public string? AgentMessage => json.At("status", "containerStatuses") is JsonArray { Count: > 0 } containers
        ? containers[0]!.AsObject().Text("state", "terminated", "message")
        : null;

    /// <summary>True for a pod that has ended.</summary>
    public bool IsEndedPod => json.Text("status", "phase") is "Succeeded" or "Failed";
}
