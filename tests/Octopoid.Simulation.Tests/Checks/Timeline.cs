namespace Octopoid.Simulation.Tests.Checks;

/// <summary>What a value was at each version.</summary>
internal sealed class Timeline<T>(T first)
{
    private readonly List<(long Version, T Value)> _values = [(0, first)];

    public T Latest => _values[^1].Value;

    public void Set(long version, T value) => _values.Add((version, value));

    /// <summary>What it was at a version, and all that it has been since.</summary>
    public IEnumerable<T> Since(long version) => _values.Skip(Math.Max(0, _values.FindLastIndex(value => value.Version <= version))).Select(value => value.Value);
}
