namespace Octopoid.Kubernetes.Tests.Watching.Hostile;

/// <summary>One thing that happened on the server.</summary>
/// <param name="Type">ADDED, MODIFIED or DELETED.</param>
/// <param name="Object">The object's state; of one that is gone, its last, with the version of its deletion.</param>
internal sealed record ServedEvent(string Type, ServedObject Object)
{
    public string Json { get; } = $$"""{"type":"{{Type}}","object":{{Object.Json}}}""";

    public override string ToString() => $"{Type} {Object}";
}
