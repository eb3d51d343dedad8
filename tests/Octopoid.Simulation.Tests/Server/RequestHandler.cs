using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Octopoid.Simulation.Tests.Server;

/// <summary>Carries requests out: reads, creations, merge patches of a status, deletions.</summary>
internal sealed class RequestHandler(ApiServer server)
{
    /// <summary>Carries out one request, at once.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">The path with its query.</param>
    /// <param name="body">The body.</param>
    /// <param name="actor">Whose request it is.</param>
    public Answer Handle(string method, string path, ReadOnlyMemory<byte> body, string actor)
    {
        var target = RequestTarget.Parse(path);
        if (target.Name is null)
        {
            return method == "POST" ? Create(target, body, actor) : List(target);
        }

        return server.Find(target.Resource, target.Namespace, target.Name) is not { } found ? Answer.Fail(404, "NotFound")
            : method switch
            {
                "GET" => Answer.Ok(found.Wire),
                "PATCH" when target.Subresource == "status" => Patch(found, body, actor),
                "DELETE" => Delete(found, body, actor),
                _ => Answer.Fail(405, "MethodNotAllowed"),
            };
    }

    /// <summary>The objects of a resource, by label, as a list of one moment.</summary>
    public byte[] List(string resource, Func<ServerObject, bool> isWanted)
    {
        using var stream = new MemoryStream();
        stream.Write(Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"{{\"metadata\":{{\"resourceVersion\":\"{server.Version}\"}},\"items\":[")));
        var isFirst = true;
        foreach (var item in server.All(resource).Where(isWanted))
        {
            stream.Write(isFirst ? [] : ","u8);
            stream.Write(item.Wire);
            isFirst = false;
        }

        stream.Write("]}"u8);
        return stream.ToArray();
    }

    private Answer List(RequestTarget target) =>
        Answer.Ok(List(target.Resource, item => target.Labels.All(label => item.Label(label.Name) == label.Value)));

    private Answer Create(RequestTarget target, ReadOnlyMemory<byte> body, string actor)
    {
        var json = JsonNode.Parse(body.Span)!.AsObject();
        var metadata = json["metadata"]!.AsObject();
        if (target.Namespace.Length > 0)
        {
            metadata["namespace"] = target.Namespace;
        }

        if (server.Find(target.Resource, target.Namespace, metadata.Text("name")!) is not null)
        {
            return Answer.Fail(409, "AlreadyExists");
        }

        if (target.Resource == Resources.Jobs)
        {
            // The rest of a Job is large, and nobody here reads it.
            json["spec"] = new JsonObject
            {
                ["template"] = new JsonObject { ["metadata"] = new JsonObject { ["labels"] = json.At("spec", "template", "metadata", "labels")?.DeepClone() } },
            };
        }

        return Answer.Ok(server.Create(target.Resource, json, actor).Wire);
    }

    private Answer Patch(ServerObject found, ReadOnlyMemory<byte> body, string actor)
    {
        var patch = JsonNode.Parse(body.Span)!.AsObject();
        if (patch.Text("metadata", "resourceVersion") is { } version && version != found.Version.ToString(CultureInfo.InvariantCulture))
        {
            return Answer.Fail(409, "Conflict");
        }

        var changed = server.Change(
            found,
            json =>
            {
                var status = json["status"] as JsonObject;
                if (status is null)
                {
                    json["status"] = status = new JsonObject();
                }

                Merge(status, patch["status"]?.AsObject() ?? new JsonObject());
            },
            actor);
        return Answer.Ok((changed ?? found).Wire);
    }

    private Answer Delete(ServerObject found, ReadOnlyMemory<byte> body, string actor)
    {
        var options = body.IsEmpty ? new JsonObject() : JsonNode.Parse(body.Span)!.AsObject();
        if (options.Text("preconditions", "uid") is { } uid && uid != found.Uid)
        {
            return Answer.Fail(409, "Conflict");
        }

        if (options.Text("propagationPolicy") == "Foreground")
        {
            return Answer.Ok((server.MarkDeleted(found, actor) ?? found).Wire);
        }

        server.Remove(found, actor);
        return Answer.Ok(JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["kind"] = "Status" }));
    }

    private static void Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (field, value) in patch)
        {
            switch (target[field], value)
            {
                case (_, null):
                    target.Remove(field);
                    break;
                case (JsonObject into, JsonObject from):
                    Merge(into, from);
                    break;
                case (_, JsonObject from):
                    var made = new JsonObject();
                    Merge(made, from);
                    target[field] = made;
                    break;
                default:
                    target[field] = value.DeepClone();
                    break;
            }
        }
    }
}
