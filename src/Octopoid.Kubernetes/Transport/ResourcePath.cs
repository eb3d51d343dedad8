namespace Octopoid.Kubernetes.Transport;

/// <summary>Where a resource is served: API group, version and plural name, as in its URLs.</summary>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Version">The version, e.g. <c>v1</c>.</param>
/// <param name="Plural">The plural name, e.g. <c>jobs</c>.</param>
public sealed record ResourcePath(string Group, string Version, string Plural)
{
    private string Root => Group.Length == 0 ? $"api/{Version}" : $"apis/{Group}/{Version}";

    /// <summary>The path of the collection.</summary>
    /// <param name="namespaceName">The namespace; null for all namespaces, or for a cluster-scoped resource.</param>
    public string Collection(string? namespaceName) =>
        namespaceName is null ? $"{Root}/{Plural}" : $"{Root}/namespaces/{Escape(namespaceName)}/{Plural}";

    /// <summary>The path of one object.</summary>
    /// <param name="namespaceName">Its namespace; null for a cluster-scoped resource.</param>
    /// <param name="name">Its name.</param>
    /// <param name="subresource">E.g. <c>status</c>; null for the object itself.</param>
    public string Object(string? namespaceName, string name, string? subresource = null) =>
        $"{Collection(namespaceName)}/{Escape(name)}{(subresource is null ? "" : "/" + subresource)}";

    /// <inheritdoc/>
    public override string ToString() => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    private static string Escape(string segment) => Uri.EscapeDataString(segment);
}
