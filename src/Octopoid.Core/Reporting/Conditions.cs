using Octopoid.Core.Kinds;

namespace Octopoid.Core.Reporting;

/// <summary>Lists of conditions, by the API conventions: one of a type, and a transition time that changes with the status alone.</summary>
public static class Conditions
{
    /// <summary>Puts a condition into a list.</summary>
    /// <param name="conditions">The list; null is empty.</param>
    /// <param name="condition">The condition, without its transition time.</param>
    /// <param name="now">The transition time, if there is a transition.</param>
    public static IReadOnlyList<Condition> Set(IReadOnlyList<Condition>? conditions, Condition condition, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var known = conditions?.FirstOrDefault(c => c.Type == condition.Type);
        var changed = condition with { LastTransitionTime = known?.Status == condition.Status ? known?.LastTransitionTime : WholeSecond(now) };
        return [.. (conditions ?? []).Where(c => c.Type != condition.Type), changed];
    }

    /// <summary>Takes a condition out of a list.</summary>
    /// <param name="conditions">The list; null is empty.</param>
    /// <param name="type">The condition's type.</param>
    public static IReadOnlyList<Condition> Remove(IReadOnlyList<Condition>? conditions, string type) =>
        [.. (conditions ?? []).Where(c => c.Type != type)];

    /// <summary>Kubernetes keeps condition times to the second; more would read back unequal.</summary>
    internal static DateTimeOffset WholeSecond(DateTimeOffset time) => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerSecond));
}
