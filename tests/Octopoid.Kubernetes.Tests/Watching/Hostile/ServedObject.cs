using Octopoid.Kubernetes.Watching;

namespace Octopoid.Kubernetes.Tests.Watching.Hostile;

/// <summary>An object as the server has it.</summary>
/// <param name="Key">Where it is.</param>
/// <param name="Uid">Which it is.</param>
/// <param name="Version">The version of its state.</param>
/// <param name="Owner">A field that changes.</param>
/// <param name="IsReadable">False while the object has a form that the informer's record has not.</param>
internal sealed record ServedObject(ObjectKey Key, string Uid, long Version, string Owner, bool IsReadable = true)
{
    public string Json { get; } =
        $$$"""{"kind":"Thing","metadata":{"name":"{{{Key.Name}}}","namespace":"{{{Key.Namespace}}}","uid":"{{{Uid}}}","resourceVersion":"{{{Version}}}"},"""
        + $$"""
           "owner":{{(IsReadable ? $"\"{Owner}\"" : """{"of":"another form"}""")}}}
           """;

    public Thing Thing => new()
    {
        Metadata = new Thing.Meta { Name = Key.Name, Namespace = Key.Namespace, Uid = Uid, ResourceVersion = $"{Version}" },
        Owner = Owner,
    };

    public override string ToString() => $"{Key} {Uid} v{Version}{(IsReadable ? "" : " unreadable")}";
}
