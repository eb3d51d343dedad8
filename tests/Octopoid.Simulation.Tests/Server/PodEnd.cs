using System.Globalization;
using System.Text.Json.Nodes;
using Octopoid.Simulation.Tests.Engine;

namespace Octopoid.Simulation.Tests.Server;

/// <summary>How a pod ends: its last status.</summary>
internal static class PodEnd
{
    public static JsonObject Draw(Chance chance, string attempt) => chance.Of(1, 100) switch
    {
        <= 72 => Ended(0, "Completed", Result(attempt, "done")),
        <= 80 => Ended(1, "Error", Result(attempt, "failed")),
        <= 85 => Ended(0, "Completed", Result(attempt, "needs_continuation")),
        <= 91 => Ended(chance.Of(1, 200), "Error", null),
        <= 93 => Ended(137, "OOMKilled", null),
        <= 95 => Ended(0, "Completed", "no result"),
        _ => new JsonObject { ["phase"] = "Failed", ["reason"] = "Evicted" },
    };

    /// <summary>The end of a reviewer's pod.</summary>
    public static JsonObject DrawReview(Chance chance, string attempt) => chance.Of(1, 100) switch
    {
        <= 58 => Said(attempt, "approved"),
        <= 78 => Said(attempt, "rejected"),
        <= 82 => Said(attempt, "done"),
        <= 87 => Ended(1, "Error", Result(attempt, "failed")),
        <= 91 => Said(attempt, "needs_continuation"),
        <= 95 => Ended(0, "Completed", null),
        <= 97 => Ended(chance.Of(1, 200), "Error", null),
        _ => new JsonObject { ["phase"] = "Failed", ["reason"] = "Evicted" },
    };

    /// <summary>The end of a pod that was told to stop: its agent may have been done, may say so, or not.</summary>
    public static JsonObject Killed(Chance chance, string attempt) => chance.Of(1, 4) switch
    {
        1 => Ended(0, "Completed", Result(attempt, "done")),
        2 => Ended(143, "Error", Result(attempt, "failed", "Terminated")),
        3 => Ended(137, "Error", null),
        _ => new JsonObject { ["phase"] = "Failed" },
    };

    /// <summary>The end of a pod whose agent has spoken.</summary>
    /// <param name="attempt">The attempt's number.</param>
    /// <param name="outcome">What it says.</param>
    /// <param name="pullRequest">The pull request that it has opened; null for none.</param>
    public static JsonObject Said(string attempt, string outcome, int? pullRequest = null) =>
        outcome == "failed" ? Ended(1, "Error", Result(attempt, outcome)) : Ended(0, "Completed", Result(attempt, outcome, "", pullRequest));

    /// <summary>How a pod stands whose agent has ended, and of which another container runs on.</summary>
    public static JsonObject WithSidecar(JsonObject end, DateTimeOffset now)
    {
        var status = end.DeepClone().AsObject();
        status["phase"] = "Running";
        foreach (var container in status.Items("containerStatuses"))
        {
            container["state"]!["terminated"]!["finishedAt"] = now.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        }

        return status;
    }

    private static string Result(string attempt, string outcome, string reason = "", int? pullRequest = null) =>
        $$"""{"attempt":{{attempt}},"outcome":"{{outcome}}","reason":"{{reason}}","commits":1{{(pullRequest is null ? "" : $",\"pullRequest\":{{\"number\":{pullRequest}}}")}}}""";

    private static JsonObject Ended(int exitCode, string reason, string? message) => new()
    {
        ["phase"] = exitCode == 0 ? "Succeeded" : "Failed",
        ["containerStatuses"] = new JsonArray(new JsonObject
        {
            ["name"] = "agent",
            ["state"] = new JsonObject
            {
                ["terminated"] = new JsonObject { ["exitCode"] = exitCode, ["reason"] = reason, ["message"] = message },
            },
        }),
    };
}
