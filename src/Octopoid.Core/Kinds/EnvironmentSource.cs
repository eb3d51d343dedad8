namespace Octopoid.Core.Kinds;

/// <summary>A Secret or ConfigMap, exactly one of them, whose every key becomes a variable.</summary>
public sealed record EnvironmentSource
{
    /// <summary>Put before each key; null: nothing.</summary>
    public string? Prefix { get; init; }

    /// <summary>The ConfigMap.</summary>
    public LocalReference? ConfigMapRef { get; init; }

    /// <summary>The Secret.</summary>
    public LocalReference? SecretRef { get; init; }
}
