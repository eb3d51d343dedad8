namespace Octopoid.Operator.Watch;

/// <summary>What is read of a Secret.</summary>
internal sealed record ObservedSecret
{
    /// <summary>What it is for.</summary>
    public string? Type { get; init; }

    /// <summary>What it holds, by key.</summary>
    public IReadOnlyDictionary<string, byte[]>? Data { get; init; }

    /// <summary>Never what it holds: records print all that they have.</summary>
    public override string ToString() => nameof(ObservedSecret);
}
