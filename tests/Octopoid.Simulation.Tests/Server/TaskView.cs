using System.Globalization;
using System.Text.Json.Nodes;

namespace Octopoid.Simulation.Tests.Server;

/// <summary>What the checks read of a task: from the server's own JSON, by none of the operator's code.</summary>
internal sealed record TaskView(
    string State, int Attempt, int? ClaimAttempt, string? Blueprint, bool IsSuspended, bool IsCancelled, IReadOnlyList<string> BlockedBy, DateTimeOffset? NextEligible)
{
    public bool IsClaimed => ClaimAttempt is not null;

    public bool IsTerminal => State is "done" or "failed" or "cancelled";

    /// <summary>The name of its flow.</summary>
    public string Flow { get; private init; } = "default";

    /// <summary>The state that its claim found it in.</summary>
    public string? ClaimFrom { get; private init; }

    /// <summary>The condition that its claim reviews.</summary>
    public string? ClaimCondition { get; private init; }

    /// <summary>The conditions noted as met.</summary>
    public IReadOnlyList<string> Passed { get; private init; } = [];

    /// <summary>How often it was sent back.</summary>
    public int Rejections { get; private init; }

    /// <summary>The state of its pull request; null when it has none.</summary>
    public string? PullRequest { get; private init; }

    /// <summary>What it is said to wait for, by its condition <c>Claimable</c>; null when nothing is said, or it waits for nothing.</summary>
    public string? WaitsFor { get; private init; }

    public static TaskView Of(ServerObject task)
    {
        var json = task.Json;
        var time = json.Text("status", "nextEligibleTime");
        return new TaskView(
            json.Text("status", "state") ?? "incoming",
            json.Number("status", "attempt") ?? 0,
            json.Number("status", "claim", "attempt"),
            json.Text("status", "claim", "blueprint"),
            json.Flag("spec", "suspend"),
            json.Flag("spec", "cancel"),
            json.At("spec", "blockedBy") is JsonArray names ? [.. names.Select(name => name!.GetValue<string>())] : [],
            time is null ? null : DateTimeOffset.Parse(time, CultureInfo.InvariantCulture))
        {
            Flow = json.Text("spec", "flow") ?? "default",
            ClaimFrom = json.Text("status", "claim", "from"),
            ClaimCondition = json.Text("status", "claim", "condition"),
            Passed = [.. json.Items("status", "passed").Select(met => met.Text("condition")!)],
            Rejections = json.Number("status", "rejections") ?? 0,
            PullRequest = json.Text("status", "pullRequest", "state"),
            WaitsFor = json.Items("status", "conditions").FirstOrDefault(c => c.Text("type") == "Claimable" && c.Text("status") == "False")?.Text("reason"),
        };
    }

    /// <summary>The outcome recorded of an attempt; null when none is.</summary>
    public static string? Outcome(ServerObject task, int attempt) => Record(task, attempt)?.Text("outcome");

    /// <summary>The reason recorded of an attempt; null when none is.</summary>
    public static string? Reason(ServerObject task, int attempt) => Record(task, attempt)?.Text("reason");

    private static JsonObject? Record(ServerObject task, int attempt) =>
        task.Json.Items("status", "attempts").FirstOrDefault(record => record.Number("number") == attempt);
}
