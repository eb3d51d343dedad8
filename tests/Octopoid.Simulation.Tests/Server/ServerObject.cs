using System.Text.Json;
using System.Text.Json.Nodes;

namespace Octopoid.Simulation.Tests.Server;

/// <summary>One state of one object. Nobody changes it: a change makes another.</summary>
internal sealed class ServerObject(string resource, JsonObject json)
{
    private readonly Lazy<string?> _controllerUid = new(() => json.Items("metadata", "ownerReferences").FirstOrDefault(owner => owner.Flag("controller"))?.Text("uid"), false);
    private readonly Lazy<bool> _isEndedJob = new(
        () => json.Items("status", "conditions").Any(c => c.Text("status") == "True" && c.Text("type") is "Complete" or "Failed"), false);

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

    public bool IsBeingDeleted { get; } = json.Text("metadata", "deletionTimestamp") is not null;

    /// <summary>The UID of the object that controls it.</summary>
    public string? ControllerUid => _controllerUid.Value;

    /// <summary>True for a Job that has ended.</summary>
    public bool IsEndedJob => _isEndedJob.Value;

    /// <summary>The last state of a pod's agent, once it has ended.</summary>
    public JsonObject? AgentEnd => json.Items("status", "containerStatuses").FirstOrDefault()?.At("state", "terminated") as JsonObject;

    /// <summary>The last word of a pod's agent.</summary>
    public string? AgentMessage => AgentEnd?.Text("message");

    /// <summary>True for a pod that has ended.</summary>
    public bool IsEndedPod { get; } = json.Text("status", "phase") is "Succeeded" or "Failed";

    /// <summary>True for a pod that tells of what keeps it from starting.</summary>
    public bool IsStuck => json.Text("status", "phase") == "Pending" && (json.At("status", "containerStatuses") ?? json.At("status", "conditions")) is not null;

    /// <summary>True for a pod whose agent runs, or has run.</summary>
    public bool HasStarted => AgentEnd is { } end ? end.Text("reason") != StartTroubles.StartError : json.Text("status", "phase") is "Running" or "Succeeded";
}
