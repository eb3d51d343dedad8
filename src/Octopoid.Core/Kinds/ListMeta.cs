namespace Octopoid.Core.Kinds;

/// <summary>What a list says about itself.</summary>
public sealed record ListMeta
{
    /// <summary>The version at which the list was read; a watch starts from it.</summary>
    public string ResourceVersion { get; init => field = value ?? ""; } = "";

    /// <summary>Names the next page; null on the last one.</summary>
    public string? Continue { get; init; }
}
