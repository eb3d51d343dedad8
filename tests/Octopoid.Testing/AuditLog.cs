using System.Text.Json;

namespace Octopoid.Testing;

/// <summary>What was asked of an API server, by its own word: a line a request, written once it is answered.</summary>
/// <param name="path">The server's file.</param>
public sealed class AuditLog(string path)
{
    internal const string Policy = """
        apiVersion: audit.k8s.io/v1
        kind: Policy
        omitStages: [RequestReceived, ResponseStarted]
        rules: [{level: Metadata}]
        """;

    /// <summary>The place that the log has come to: what is asked from now on stands after it.</summary>
    public long Position => File.Exists(path) ? new FileInfo(path).Length : 0;

    /// <summary>The requests of a user, from a place on; watches, which end when they end, are left out.</summary>
    public IReadOnlyList<AuditedRequest> Requests(string user, long since)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        stream.Position = since;
        using var reader = new StreamReader(stream);
        var text = reader.ReadToEnd();

        // The last line may still be being written.
        return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line.Contains($"\"{user}\"", StringComparison.Ordinal))
            .Select(Read)
            .Where(request => request.Verb != "watch")];
    }

    /// <summary>The rights that a user has made use of so far, each as <c>verb resource.group</c>; a watch counts once it has ended.</summary>
    public IReadOnlySet<string> RightsUsed(string user)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        var text = reader.ReadToEnd();
        return text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line.Contains($"\"{user}\"", StringComparison.Ordinal))
            .Select(line => JsonDocument.Parse(line).RootElement)
            .Where(entry => entry.TryGetProperty("objectRef", out _))
            .Select(entry =>
            {
                var target = entry.GetProperty("objectRef");
                return Right(
                    entry.GetProperty("verb").GetString()!,
                    target.TryGetProperty("apiGroup", out var group) ? group.GetString()! : "",
                    target.GetProperty("resource").GetString()! + (target.TryGetProperty("subresource", out var sub) ? "/" + sub.GetString() : ""));
            })
            .ToHashSet();
    }

    /// <summary>A right in one word.</summary>
    public static string Right(string verb, string group, string resource) => $"{verb} {resource}{(group.Length > 0 ? "." + group : "")}";

    private static AuditedRequest Read(string line)
    {
        using var entry = JsonDocument.Parse(line);
        var root = entry.RootElement;
        var resource = "";
        var name = "";
        if (root.TryGetProperty("objectRef", out var target))
        {
            resource = target.GetProperty("resource").GetString()!;
            resource += target.TryGetProperty("subresource", out var sub) ? "/" + sub.GetString() : "";
            name = target.TryGetProperty("name", out var named) ? named.GetString()! : "";
        }

        return new AuditedRequest(
            root.GetProperty("verb").GetString()!, resource, name, root.GetProperty("responseStatus").GetProperty("code").GetInt32());
    }
}
