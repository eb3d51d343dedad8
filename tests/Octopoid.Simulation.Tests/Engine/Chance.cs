namespace Octopoid.Simulation.Tests.Engine;

/// <summary>Draws, in the words of the simulation.</summary>
internal sealed class Chance(Random random)
{
    public Random Random => random;

    public bool Is(double probability) => random.NextDouble() < probability;

    public int Of(int minimum, int maximum) => random.Next(minimum, maximum + 1);

    public T Of<T>(IReadOnlyList<T> all) => all[random.Next(all.Count)];

    public double Seconds(double minimum, double maximum) => minimum + (random.NextDouble() * (maximum - minimum));

    public TimeSpan Span(double minimum, double maximum) => TimeSpan.FromSeconds(Seconds(minimum, maximum));
}
