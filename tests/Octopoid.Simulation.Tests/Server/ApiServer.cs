using System.Globalization;
using System.Text.Json.Nodes;
using Octopoid.Simulation.Tests.Engine;

namespace Octopoid.Simulation.Tests.Server;

/// <summary>What the API server holds: objects, one version for all of them, and a log for each resource.</summary>
internal sealed class ApiServer(World world)
{
    private readonly Dictionary<string, Table> _tables = [];
    private readonly Dictionary<string, int> _made = [];

    /// <summary>Told of every change, in order, as it is made.</summary>
    public event Action<LogEntry>? Changed;

    public long Version { get; private set; } = 100;

    public IReadOnlyCollection<ServerObject> All(string resource) => Of(resource).Objects.Values;

    public IReadOnlyList<LogEntry> Log(string resource) => Of(resource).Log;

    public ServerObject? Find(string resource, string namespaceName, string name) =>
        Of(resource).Objects.GetValueOrDefault(namespaceName + "/" + name);

    public ServerObject? FindUid(string resource, string? uid) => All(resource).FirstOrDefault(known => known.Uid == uid);

    /// <summary>Stores a new object; its UID tells how often the name was used, so that it does not hang on what else happens.</summary>
    public ServerObject Create(string resource, JsonObject json, string actor)
    {
        var metadata = json["metadata"]!.AsObject();
        var key = $"{resource}/{metadata.Text("namespace")}/{metadata.Text("name")}";
        _made[key] = _made.GetValueOrDefault(key) + 1;
        metadata["uid"] = string.Create(CultureInfo.InvariantCulture, $"{resource}-{metadata.Text("name")}-{_made[key]}");
        metadata["generation"] = 1;
        metadata["creationTimestamp"] = Timestamp();
        if (resource == Resources.Tasks)
        {
            json["status"] ??= new JsonObject { ["state"] = "incoming" };
        }

        return Commit(resource, null, json, actor)!;
    }

    /// <summary>Changes an object; null when that changes nothing.</summary>
    public ServerObject? Change(ServerObject known, Action<JsonObject> change, string actor)
    {
        var json = known.Json.DeepClone().AsObject();
        change(json);
        if (JsonNode.DeepEquals(json, known.Json))
        {
            return null;
        }

        if (!JsonNode.DeepEquals(json["spec"], known.Json["spec"]))
        {
            json["metadata"]!["generation"] = (known.Json.Number("metadata", "generation") ?? 0) + 1;
        }

        return Commit(known.Resource, known, json, actor);
    }

    /// <summary>Notes that an object is to be deleted once others are.</summary>
    public ServerObject? MarkDeleted(ServerObject known, string actor) =>
        known.IsBeingDeleted ? null : Change(known, json => json["metadata"]!["deletionTimestamp"] = Timestamp(), actor);

    public void Remove(ServerObject known, string actor)
    {
        Of(known.Resource).Objects.Remove(known.Namespace + "/" + known.Name);
        Append(new LogEntry(++Version, known, null, actor, world.Now));
    }

    /// <summary>The newest state of an object; null when it is gone.</summary>
    public ServerObject? Current(ServerObject known) =>
        Find(known.Resource, known.Namespace, known.Name) is { } current && current.Uid == known.Uid ? current : null;

    private string Timestamp() => (SimulatedTime.Start + world.Now).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private ServerObject Commit(string resource, ServerObject? before, JsonObject json, string actor)
    {
        json["metadata"]!["resourceVersion"] = (++Version).ToString(CultureInfo.InvariantCulture);
        var after = new ServerObject(resource, json);
        Of(resource).Objects[after.Namespace + "/" + after.Name] = after;
        Append(new LogEntry(Version, before, after, actor, world.Now));
        return after;
    }

    private void Append(LogEntry entry)
    {
        Of(entry.Object.Resource).Log.Add(entry);
        Changed?.Invoke(entry);
    }

    private Table Of(string resource)
    {
        if (!_tables.TryGetValue(resource, out var table))
        {
            _tables[resource] = table = new Table();
        }

        return table;
    }

    private sealed class Table
    {
        public Dictionary<string, ServerObject> Objects { get; } = [];

        public List<LogEntry> Log { get; } = [];
    }
}
