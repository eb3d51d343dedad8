using CsCheck;
using Octopoid.Core.Flows;
using Octopoid.Core.Kinds;
using Octopoid.Core.State;

namespace Octopoid.Core.Tests.State;

public sealed class DependenciesTests
{
    private readonly Dictionary<NamespacedName, ObservedTask> _tasks = [];
    private readonly Dependencies _dependencies;

    public DependenciesTests() => _dependencies = new Dependencies(key => _tasks.GetValueOrDefault(key));

    [Fact]
    public void A_task_that_is_blocked_by_nothing_waits_for_nothing()
    {
        See("a");
        See("b", blockedBy: []);

        Assert.Null(Judge("a"));
        Assert.Null(Judge("b"));
    }

    [Theory]
    [InlineData(FlowStates.Incoming, Reasons.DependencyPending, "It is blocked by b, which is not done.")]
    [InlineData("claimed", Reasons.DependencyPending, "It is blocked by b, which is not done.")]
    [InlineData(FlowStates.Failed, Reasons.DependencyFailed, "It is blocked by b, which has failed or was cancelled.")]
    [InlineData(FlowStates.Cancelled, Reasons.DependencyFailed, "It is blocked by b, which has failed or was cancelled.")]
    [InlineData(FlowStates.Done, null, null)]
    [InlineData(null, Reasons.DependencyMissing, "It is blocked by b, which does not exist; it may yet be applied.")]
    public void A_blocker_holds_until_it_is_done(string? state, string? reason, string? message)
    {
        See("a", blockedBy: ["b"]);
        if (state is not null)
        {
            See("b", state);
        }

        Assert.Equal((reason, message), (Judge("a")?.Reason, Judge("a")?.Message));
    }

    [Fact]
    public void What_a_person_must_mend_is_told_first_and_many_are_counted()
    {
        See("a", blockedBy: ["f1", "f2", "m", "p"]);
        See("f1", FlowStates.Failed);
        See("f2", FlowStates.Cancelled);
        See("p");
        Assert.Equal("It is blocked by f1 and f2, which have failed or were cancelled.", Judge("a")!.Message);

        See("f1", FlowStates.Done);
        See("f2", FlowStates.Done);
        Assert.Equal("It is blocked by m, which does not exist; it may yet be applied.", Judge("a")!.Message);
        See("a", blockedBy: ["p", "q", "r", "s"]);
        Assert.Equal("It is blocked by q and r and s, which do not exist; they may yet be applied.", Judge("a")!.Message);
        See("q");
        See("r");
        See("s");
        Assert.Equal("It is blocked by p, q and 2 more, which are not done.", Judge("a")!.Message);
    }

    [Fact]
    public void A_task_that_is_blocked_by_itself_says_so()
    {
        See("a", blockedBy: ["a"]);

        Assert.Equal((Reasons.DependencyCycle, "These tasks wait for each other: a -> a."), (Judge("a")!.Reason, Judge("a")!.Message));
        See("a");
        Assert.Null(Judge("a"));
    }

    [Fact]
    public void A_circle_is_told_to_every_member_whoever_closes_it()
    {
        string[] names = ["a", "b", "c"];
        foreach (var closing in names)
        {
            _tasks.Clear();
            var dependencies = new DependenciesTests();
            foreach (var name in names.Where(name => name != closing).Append(closing))
            {
                dependencies.See(name, blockedBy: [Next(name)]);
            }

            Assert.All(names, name => Assert.Equal(Reasons.DependencyCycle, dependencies.Judge(name)!.Reason));
            Assert.Contains(Next(closing), dependencies.Judge(closing)!.Message, StringComparison.Ordinal);
        }

        static string Next(string name) => name switch { "a" => "b", "b" => "c", _ => "a" };
    }

    [Fact]
    public void Those_for_whom_a_circle_closes_or_opens_are_named()
    {
        See("a", blockedBy: ["b"]);
        Assert.Equal(["a"], See("b", blockedBy: ["a"]));
        Assert.Equal("These tasks wait for each other: b -> a -> b.", Judge("a")!.Message);
        Assert.Equal(["a"], See("b"));
        Assert.Equal(Reasons.DependencyPending, Judge("a")!.Reason);
        Assert.Null(Judge("b"));
    }

    [Fact]
    public void A_circle_opens_when_a_member_is_edited_gone_or_over_and_closes_when_it_is_back()
    {
        See("a", blockedBy: ["b"]);
        See("b", blockedBy: ["a"]);

        Assert.Equal(["a"], See("b", FlowStates.Cancelled, ["a"]));
        Assert.Equal(Reasons.DependencyFailed, Judge("a")!.Reason);
        Assert.Equal(["a"], See("b", FlowStates.Incoming, ["a"]));
        Assert.Equal(Reasons.DependencyCycle, Judge("a")!.Reason);

        See("b", FlowStates.Done, ["a"]);
        Assert.Null(Judge("a"));
        See("b", blockedBy: ["a"]);
        Assert.Equal(["a"], Lose("b"));
        Assert.Equal(Reasons.DependencyMissing, Judge("a")!.Reason);
    }

    [Fact]
    public void Two_circles_through_one_task_open_one_by_one()
    {
        See("a", blockedBy: ["b", "c"]);
        See("b", blockedBy: ["a"]);
        See("c", blockedBy: ["a"]);
        Assert.All(["a", "b", "c"], name => Assert.Equal(Reasons.DependencyCycle, Judge(name)!.Reason));

        See("a", blockedBy: ["c"]);
        Assert.Equal(Reasons.DependencyPending, Judge("b")!.Reason);
        Assert.Equal(Reasons.DependencyCycle, Judge("c")!.Reason);
        See("a", FlowStates.Done);
        Assert.Null(Judge("b"));
        Assert.Null(Judge("c"));
    }

    [Fact]
    public void A_diamond_is_no_circle()
    {
        See("top");
        See("left", blockedBy: ["top"]);
        See("right", blockedBy: ["top"]);
        See("bottom", blockedBy: ["left", "right"]);

        Assert.Equal("It is blocked by left and right, which are not done.", Judge("bottom")!.Message);
        Assert.Equal(Reasons.DependencyPending, Judge("left")!.Reason);
    }

    [Fact]
    public void A_task_of_another_namespace_blocks_nothing()
    {
        See("a", blockedBy: ["b"]);
        See("b", FlowStates.Done, ["a"], "elsewhere");

        Assert.Equal(Reasons.DependencyMissing, Judge("a")!.Reason);
        Assert.Empty(See("b", FlowStates.Incoming, ["a"], "elsewhere"));
        Assert.Equal(Reasons.DependencyMissing, Judge("a")!.Reason);
    }

    [Fact]
    public void Ten_thousand_in_a_row_are_taken_in_soon_and_are_no_circle()
    {
        for (var i = 0; i < 10_000; i++)
        {
            See($"t{i}", blockedBy: [$"t{i + 1}"]);
        }

        Assert.Equal(Reasons.DependencyPending, Judge("t0")!.Reason);
        Assert.Equal(Reasons.DependencyMissing, Judge("t9999")!.Reason);
    }

    [Fact]
    public void What_is_told_is_what_is_so_after_any_edits() =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 7], Gen.Int[0, 5].HashSet[0, 3]).Array[1, 40].Sample(edits =>
        {
            var known = new DependenciesTests();
            var told = new Dictionary<string, string?>();
            foreach (var (who, what, blockers) in edits)
            {
                var (name, blockedBy) = ($"t{who}", blockers.Select(i => $"t{i}").ToArray());
                var concerned = what switch
                {
                    0 => known.Lose(name),
                    1 => known.See(name, FlowStates.Done, blockedBy),
                    2 => known.See(name, FlowStates.Failed, blockedBy),
                    3 => known.See(name, FlowStates.Cancelled, known.BlockersOf(name)),
                    4 => known.See(name, "claimed", known.BlockersOf(name)),
                    _ => known.See(name, FlowStates.Incoming, blockedBy),
                };

                // Those that are looked at again are the edited one, those that wait for it, and those that are named.
                foreach (var other in concerned.Append(name).Concat(known._dependencies.DependentsOf(Key(name)).Select(key => key.Name)).Distinct())
                {
                    told[other] = known.Judge(other)?.Reason;
                }

                foreach (var other in known._tasks.Keys)
                {
                    Assert.Equal(known.Naive(other.Name), known.Judge(other.Name)?.Reason);
                    Assert.Equal(known.Judge(other.Name)?.Reason, told[other.Name]);
                }
            }
        }, iter: 2_000);

    private string? Naive(string name)
    {
        var states = BlockersOf(name).Select(blocker => _tasks.GetValueOrDefault(Key(blocker))?.State()).ToList();
        return BlockersOf(name).Any(blocker => Leads(blocker, name, [])) && !FlowRules.IsTerminal(_tasks[Key(name)].State()) ? Reasons.DependencyCycle
            : states.Any(state => state is FlowStates.Failed or FlowStates.Cancelled) ? Reasons.DependencyFailed
            : states.Contains(null) ? Reasons.DependencyMissing
            : states.Any(state => state != FlowStates.Done) ? Reasons.DependencyPending
            : null;
    }

    private bool Leads(string from, string to, HashSet<string> seen) =>
        _tasks.TryGetValue(Key(from), out var task) && !FlowRules.IsTerminal(task.State()) && seen.Add(from)
        && (from == to || BlockersOf(from).Any(blocker => Leads(blocker, to, seen)));

    private string[] BlockersOf(string name) => [.. _tasks.GetValueOrDefault(Key(name))?.Spec.BlockedBy ?? []];

    private static NamespacedName Key(string name, string namespaceName = Given.Namespace) => new(namespaceName, name);

    private List<string> See(string name, string state = FlowStates.Incoming, string[]? blockedBy = null, string namespaceName = Given.Namespace)
    {
        var task = Given.Task(name, blockedBy: blockedBy, status: new ObservedTask.TaskStatus { State = state });
        task = task with { Metadata = task.Metadata with { Namespace = namespaceName } };
        var key = Key(name, namespaceName);
        var before = _tasks.GetValueOrDefault(key);
        _tasks[key] = task;
        return [.. _dependencies.Change(before, task).Select(other => other.Name)];
    }

    private List<string> Lose(string name) =>
        _tasks.Remove(Key(name), out var before) ? [.. _dependencies.Change(before, null).Select(other => other.Name)] : [];

    private Eligibility.Held? Judge(string name) => _tasks.TryGetValue(Key(name), out var task) ? _dependencies.Judge(task) : null;
}
