namespace Octopoid.Kubernetes.Tests.Watching;

/// <summary>Tests on fast clocks run one after the other: beside one that keeps the processor busy, the others' seconds would be short.</summary>
[CollectionDefinition(Name)]
public sealed class FastClocks
{
    public const string Name = "Fast clocks";
}
