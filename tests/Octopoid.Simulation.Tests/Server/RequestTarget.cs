using System.Globalization;

namespace Octopoid.Simulation.Tests.Server;

/// <summary>What a request is about, out of its path.</summary>
/// <param name="Resource">The plural name.</param>
/// <param name="Namespace">The namespace; empty for none.</param>
/// <param name="Name">The object; null for the collection.</param>
/// <param name="Subresource">The subresource; null for the object itself.</param>
internal sealed record RequestTarget(string Resource, string Namespace, string? Name, string? Subresource)
{
    /// <summary>The labels that a list asks for.</summary>
    public IReadOnlyList<(string Name, string Value)> Labels { get; private init; } = [];

    /// <summary>How long the server may take; null when it is not said.</summary>
    public TimeSpan? Timeout { get; private init; }

    public static RequestTarget Parse(string path)
    {
        var (place, query) = path.IndexOf('?', StringComparison.Ordinal) is var at && at < 0 ? (path, "") : (path[..at], path[(at + 1)..]);
        var segments = place.Split('/').Skip(path.StartsWith("apis/", StringComparison.Ordinal) ? 3 : 2).ToList();
        var namespaceName = "";
        if (segments is ["namespaces", var given, ..] && segments.Count > 2)
        {
            namespaceName = given;
            segments.RemoveRange(0, 2);
        }

        var target = new RequestTarget(segments[0], namespaceName, segments.ElementAtOrDefault(1), segments.ElementAtOrDefault(2));
        foreach (var parameter in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = (parameter[..parameter.IndexOf('=', StringComparison.Ordinal)], parameter[(parameter.IndexOf('=', StringComparison.Ordinal) + 1)..]);
            target = name switch
            {
                "timeout" => target with { Timeout = TimeSpan.FromMilliseconds(int.Parse(value.Replace("ms", "", StringComparison.Ordinal), CultureInfo.InvariantCulture)) },
                "labelSelector" => target with { Labels = [.. Uri.UnescapeDataString(value).Split(',').Select(pair => pair.Split('=')).Select(pair => (pair[0], pair[1]))] },
                _ => target,
            };
        }

        return target;
    }
}
