using System.Globalization;
using System.Text.Json.Nodes;

namespace Octopoid.Simulation.Tests.Server;

/// <summary>What the checks read of a task: from the server's own JSON, by none of the operator's code.</summary>
internal sealed record TaskView(
    string State, int Attempt, int? ClaimAttempt, string? Blueprint, bool IsSuspended, bool IsCancelled, IReadOnlyList<string> BlockedBy, DateTimeOffset? NextEligible)
{
    public bool IsClaimed => ClaimAttempt is not null;

    public bool IsTerminal => State is "done" or "failed" or "cancelled";

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
            time is null ? null : DateTimeOffset.Parse(time, CultureInfo.InvariantCulture));
    }

    /// <summary>The outcome recorded of an attempt; null when none is.</summary>
    public static string? Outcome(ServerObject task, int attempt) => Record(task, attempt)?.Text("outcome");

    /// <summary>The reason recorded of an attempt; null when none is.</summary>
    public static string? Reason(ServerObject task, int attempt) => Record(task, attempt)?.Text("reason");

    private static JsonObject? Record(ServerObject task, int attempt) =>
        (task.Json.At("status", "attempts") as JsonArray)?.OfType<JsonObject>().FirstOrDefault(record => record.Number("number") == attempt);
}
