namespace Octopoid.Core.Kinds;

/// <summary>Where a blueprint's files are: exactly one of the two. The file <c>run</c> is the entry point.</summary>
public sealed record BlueprintScripts
{
    /// <summary>File name to text, at most 64 files.</summary>
    public IReadOnlyDictionary<string, string>? Inline { get; init; }

    /// <summary>A ConfigMap of the same namespace, whose keys are the file names.</summary>
    public string? ConfigMapName { get; init; }
}
