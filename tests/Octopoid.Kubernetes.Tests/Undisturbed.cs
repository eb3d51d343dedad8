namespace Octopoid.Kubernetes.Tests;

/// <summary>Tests that measure time, or make it fast, run alone: beside one that keeps the processor busy, their seconds would be short.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Undisturbed
{
    public const string Name = "Undisturbed";
}
