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

    /// <summary>The end of a pod that was told to stop: its agent may have been done, may say so, or not.</summary>
    public static JsonObject Killed(Chance chance, string attempt) => chance.Of(1, 4) switch
    {
        1 => Ended(0, "Completed", Result(attempt, "done")),
        2 => Ended(143, "Error", Result(attempt, "failed", "Terminated")),
        3 => Ended(137, "Error", null),
        _ => new JsonObject { ["phase"] = "Failed" },
    };

    private static string Result(string attempt, string outcome, string reason = "") =>
        $$"""{"attempt":{{attempt}},"outcome":"{{outcome}}","reason":"{{reason}}","commits":1}""";

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
