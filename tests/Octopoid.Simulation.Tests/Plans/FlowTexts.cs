using System.Text.Json.Nodes;

namespace Octopoid.Simulation.Tests.Plans;

/// <summary>What the flow that tasks are in says, and what it is edited into.</summary>
internal static class FlowTexts
{
    /// <summary>The flow's name.</summary>
    public const string Name = "reviewed";

    /// <summary>Reviewed by an agent, signed off by a person, then merged.</summary>
    public const string Merged = "merged";

    /// <summary>Reviewed by an agent, signed off by a person, then tested by another agent.</summary>
    public const string Tested = "tested";

    /// <summary>Nobody tests, and nobody signs off.</summary>
    public const string Short = "short";

    /// <summary>Signed off before it is reviewed, and tested after it is merged; whoever rejects ends it.</summary>
    public const string Strict = "strict";

    /// <summary>A state is left out: tasks in it are astray.</summary>
    public const string Gap = "gap";

    /// <summary>Not a flow that makes sense.</summary>
    public const string Broken = "broken";

    /// <summary>Those that a task can go through.</summary>
    public static IReadOnlyList<string> Whole { get; } = [Merged, Tested];

    /// <summary>Those that it may be edited into.</summary>
    public static IReadOnlyList<string> Edits { get; } = [Merged, Tested, Short, Strict, Gap, Broken];

    public static JsonObject Spec(string text) => new() { ["transitions"] = new JsonArray(Transitions(text)) };

    private static JsonNode[] Transitions(string text) => text switch
    {
        Merged =>
        [
            Way("incoming", "coding", "implementer"),
            Way("coding", "reviewed", null, Review("review", "reviewer", null), Manual("sign-off", "incoming")),
            Way("reviewed", "done", null, Merge("merge")),
        ],
        Tested =>
        [
            Way("incoming", "coding", "implementer"),
            Way("coding", "reviewed", null, Review("review", "reviewer", "incoming"), Manual("sign-off", null)),
            Way("reviewed", "done", null, Review("test", "tester", "coding")),
        ],
        Short => [Way("incoming", "coding", "implementer"), Way("coding", "reviewed", null, Review("review", "reviewer", null)), Way("reviewed", "done", null)],
        Strict =>
        [
            Way("incoming", "coding", "implementer", Manual("start", "failed")),
            Way("coding", "reviewed", null, Manual("sign-off", "coding"), Review("review", "reviewer", "failed")),
            Way("reviewed", "done", null, Merge("merge"), Review("test", "tester", "failed")),
        ],
        Gap => [Way("incoming", "coding", "implementer"), Way("coding", "done", null, Review("second", "tester", null))],
        Broken => [Way("incoming", "coding", "implementer"), Way("coding", "reviewed", null, Review("review", "reviewer", "nowhere")), Way("reviewed", "done", null)],
        _ => throw new ArgumentOutOfRangeException(nameof(text), text, "No flow says that."),
    };

    private static JsonObject Way(string from, string to, string? agent, params JsonNode[] conditions) =>
        new() { ["from"] = from, ["to"] = to, ["agent"] = agent, ["conditions"] = conditions.Length == 0 ? null : new JsonArray(conditions) };

    private static JsonObject Review(string name, string role, string? onFail) => new() { ["name"] = name, ["agent"] = role, ["onFail"] = onFail };

    private static JsonObject Manual(string name, string? onFail) => new() { ["name"] = name, ["manual"] = true, ["onFail"] = onFail };

    private static JsonObject Merge(string name) => new() { ["name"] = name, ["pullRequestMerged"] = true };
}
