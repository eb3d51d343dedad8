using Octopoid.Core.Flows;
using Octopoid.Core.Kinds;

namespace Octopoid.Core.State;

/// <summary>Which tasks wait for which (<c>blockedBy</c>), what that means for each, and where they wait in a circle.</summary>
/// <remarks>Level-triggered: a blocker that is done lets go at once; one that has failed or is missing holds, until that is mended.</remarks>
/// <param name="find">A task by name, or null.</param>
internal sealed class Dependencies(Func<NamespacedName, ObservedTask?> find)
{
    /// <summary>A circle of more tasks than this is not looked for: it would cost more than it tells.</summary>
    private const int LongestCycle = 1000;

    private readonly Dictionary<NamespacedName, HashSet<NamespacedName>> _dependents = [];
    private readonly Dictionary<NamespacedName, IReadOnlyList<NamespacedName>> _cycles = [];

    /// <summary>The tasks that are blocked by one of a name.</summary>
    public IReadOnlyCollection<NamespacedName> DependentsOf(NamespacedName blocker) => _dependents.TryGetValue(blocker, out var waiting) ? waiting : [];

    /// <summary>Takes in what a task is blocked by now.</summary>
    /// <param name="previous">The task before; null when it is new.</param>
    /// <param name="current">The task now; null when it is gone.</param>
    /// <returns>Other tasks for which this changes something: those of a circle that has closed, or opened.</returns>
    public IReadOnlyCollection<NamespacedName> Change(ObservedTask? previous, ObservedTask? current)
    {
        if (previous is not null && current is not null && Same(previous.Spec.BlockedBy, current.Spec.BlockedBy) && IsOver(previous) == IsOver(current))
        {
            return [];
        }

        foreach (var (task, blocker) in Links(previous))
        {
            if (_dependents.TryGetValue(blocker, out var waiting) && waiting.Remove(task) && waiting.Count == 0)
            {
                _dependents.Remove(blocker);
            }
        }

        foreach (var (task, blocker) in Links(current))
        {
            if (!_dependents.TryGetValue(blocker, out var waiting))
            {
                _dependents[blocker] = waiting = [];
            }

            waiting.Add(task);
        }

        var key = (current ?? previous)!.Metadata.Key();
        NamespacedName[] concerned = [.. CirclesWith(key).Union(_cycles.Where(known => known.Value.Contains(key)).Select(known => known.Key))];
        foreach (var member in concerned)
        {
            _cycles.Remove(member);
        }

        foreach (var member in concerned)
        {
            if (!_cycles.ContainsKey(member) && FindCycle(member) is { } circle)
            {
                foreach (var other in circle)
                {
                    _cycles.TryAdd(other, circle);
                }
            }
        }

        return [.. concerned.Where(member => member != key)];
    }

    /// <summary>Why a task has to wait for others; null when it has not.</summary>
    /// <param name="task">The task.</param>
    public Eligibility.Held? Judge(ObservedTask task)
    {
        if (task.Spec.BlockedBy is not { Count: > 0 } blockers)
        {
            return null;
        }

        var (failed, missing, pending) = (new List<string>(), new List<string>(), new List<string>());
        foreach (var name in blockers)
        {
            switch (find(new NamespacedName(task.Metadata.Namespace, name))?.State())
            {
                case null: missing.Add(name); break;
                case FlowStates.Done: break;
                case FlowStates.Failed or FlowStates.Cancelled: failed.Add(name); break;
                default: pending.Add(name); break;
            }
        }

        return pending.Count > 0 && _cycles.TryGetValue(task.Metadata.Key(), out var cycle)
                ? new Eligibility.Held(
                    Reasons.DependencyCycle, $"These tasks wait for each other: {string.Join(" -> ", cycle.Append(cycle[0]).Select(member => member.Name))}.")
            : failed.Count > 0 ? new Eligibility.Held(
                Reasons.DependencyFailed, $"It is blocked by {Listed(failed)}, which {(failed.Count == 1 ? "has" : "have")} failed or {(failed.Count == 1 ? "was" : "were")} cancelled.")
            : missing.Count > 0 ? new Eligibility.Held(
                Reasons.DependencyMissing, $"It is blocked by {Listed(missing)}, which {(missing.Count == 1 ? "does" : "do")} not exist; {(missing.Count == 1 ? "it" : "they")} may yet be applied.")
            : pending.Count > 0 ? new Eligibility.Held(
                Reasons.DependencyPending, $"It is blocked by {Listed(pending)}, which {(pending.Count == 1 ? "is" : "are")} not done.")
            : null;
    }

    private static IEnumerable<(NamespacedName Task, NamespacedName Blocker)> Links(ObservedTask? task) =>
        (task?.Spec.BlockedBy ?? []).Select(name => (task!.Metadata.Key(), new NamespacedName(task.Metadata.Namespace, name)));

    private static bool Same(IReadOnlyList<string>? a, IReadOnlyList<string>? b) => (a ?? []).SequenceEqual(b ?? []);

    private static bool IsOver(ObservedTask task) => FlowRules.IsTerminal(task.State());

    private static string Listed(List<string> names) =>
        names.Count <= 3 ? string.Join(" and ", names) : $"{string.Join(", ", names.Take(2))} and {names.Count - 2} more";

    /// <summary>The tasks that are in some circle with one, itself first: those that it waits for and that wait for it.</summary>
    private HashSet<NamespacedName> CirclesWith(NamespacedName key)
    {
        var ahead = new HashSet<NamespacedName>();
        var next = new Queue<NamespacedName>([key]);
        while (ahead.Count < LongestCycle && next.TryDequeue(out var at))
        {
            if (find(at) is { } task && !IsOver(task) && ahead.Add(at))
            {
                foreach (var (_, blocker) in Links(task))
                {
                    next.Enqueue(blocker);
                }
            }
        }

        var circles = new HashSet<NamespacedName>();
        next = new Queue<NamespacedName>([key]);
        while (next.TryDequeue(out var at))
        {
            if (ahead.Contains(at) && circles.Add(at))
            {
                foreach (var waiting in DependentsOf(at))
                {
                    next.Enqueue(waiting);
                }
            }
        }

        return circles;
    }

    /// <summary>A way from a task back to itself, along what each is blocked by, over tasks that are not done; null when there is none.</summary>
    private List<NamespacedName>? FindCycle(NamespacedName start)
    {
        var seen = new HashSet<NamespacedName>();
        var way = new List<NamespacedName>();
        return Search(start) ? way : null;

        bool Search(NamespacedName at)
        {
            if (seen.Count >= LongestCycle || !seen.Add(at) || find(at) is not { } task || IsOver(task))
            {
                return false;
            }

            way.Add(at);
            foreach (var (_, blocker) in Links(task))
            {
                if (blocker == start || Search(blocker))
                {
                    return true;
                }
            }

            way.RemoveAt(way.Count - 1);
            return false;
        }
    }
}
