namespace Octopoid.Core.Kinds;

/// <summary>Tokens that an attempt used, as its agent counted them.</summary>
public sealed record TokenUsage
{
    /// <summary>Tokens read.</summary>
    public long? Input { get; init; }

    /// <summary>Tokens written.</summary>
    public long? Output { get; init; }
}
