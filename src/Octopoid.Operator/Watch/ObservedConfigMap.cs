namespace Octopoid.Operator.Watch;

/// <summary>What is read of a ConfigMap.</summary>
internal sealed record ObservedConfigMap
{
    /// <summary>True when nobody can change it any more.</summary>
    public bool? Immutable { get; init; }

    /// <summary>Its files.</summary>
    public IReadOnlyDictionary<string, string>? Data { get; init; }
}
