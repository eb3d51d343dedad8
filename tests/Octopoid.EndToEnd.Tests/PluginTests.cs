using System.Text.Json.Nodes;
using Octopoid.EndToEnd.Tests.Agents;

namespace Octopoid.EndToEnd.Tests;

/// <summary>The kubectl plugin, with the logs of real pods.</summary>
public sealed class PluginTests(ClusterFixture cluster)
{
    private const string Run = """
        #!/bin/sh
        echo "attempt $OCTOPOID_ATTEMPT was asked to: $(cat "$OCTOPOID_PROMPT_FILE")"
        sleep 2
        echo "and so it did"
        if grep -q succeed "$OCTOPOID_PROMPT_FILE"; then finish; else fail NotToday; fi
        """;

    [Fact]
    public async Task A_followed_task_prints_each_attempts_log_and_ends_as_the_task_does()
    {
        var space = await cluster.CreateNamespaceAsync();
        await cluster.ApplyAsync(space, Manifests.Blueprint(new JsonObject
        {
            ["scripts"] = new JsonObject { ["inline"] = new JsonObject { ["run"] = Run } },
            ["retry"] = new JsonObject { ["maxAttempts"] = 2, ["backoffSeconds"] = 1, ["maxBackoffSeconds"] = 1 },
        }));

        var done = await cluster.PluginAsync(space, "run", "It's $(you) who \"will\" succeed.", "--role", "implementer", "--name", "good", "--follow");
        Assert.True(done.ExitCode == 0, done.Output);
        Assert.Contains("attempt 1 was asked to: It's $(you) who \"will\" succeed.\nand so it did\n", done.Output, StringComparison.Ordinal);

        var failed = await cluster.PluginAsync(space, "run", "Try.", "--name", "bad", "--follow");
        Assert.True(failed.ExitCode == 3, failed.Output);
        Assert.Contains("attempt 1 was asked to: Try.\n", failed.Output, StringComparison.Ordinal);
        Assert.Contains("attempt 2 was asked to: Try.\n", failed.Output, StringComparison.Ordinal);

        var first = await cluster.PluginAsync(space, "logs", "bad", "--attempt", "1");
        Assert.True(first.ExitCode == 0, first.Output);
        Assert.StartsWith("attempt 1 was asked to: Try.\nand so it did\n", first.Output, StringComparison.Ordinal);
        var told = await cluster.PluginAsync(space, "explain", "bad");
        Assert.Contains("NotToday", told.Output, StringComparison.Ordinal);
        Assert.Contains($"kubectl octopoid retry bad -n {space}", told.Output, StringComparison.Ordinal);
    }
}
