using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Octopoid.Core.Kinds;
using Octopoid.EndToEnd.Tests.Agents;

namespace Octopoid.EndToEnd.Tests;

/// <summary>What docs/agents.md promises to an agent, with real pods.</summary>
public sealed class AgentContractTests(ClusterFixture cluster)
{
    private const string Torture = "it's \"quoted\" \\n $(touch hacked) $(HOME) $HOME $$ $$(HOME) `touch hacked` %s & ; | < > * # { } ä 漢字 😀 \u0085\u009f\u2028\ufeff";

    // Every control character that an environment variable can hold.
    private static readonly string Controls = string.Concat(Enumerable.Range(1, 31).Append(127).Select(code => (char)code));

    [Fact]
    public async Task A_prompt_of_128_KiB_arrives_byte_for_byte()
    {
        var space = await cluster.CreateNamespaceAsync();
        var unit = Torture + Controls + "\0\r\n\t\"\\\n\n";
        var prompt = new StringBuilder();
        var left = 128 * 1024;
        for (; left >= Encoding.UTF8.GetByteCount(unit); left -= Encoding.UTF8.GetByteCount(unit))
        {
            prompt.Append(unit);
        }

        prompt.Append('\n', left);
        await cluster.ApplyAsync(space, Manifests.Blueprint([]));
        await CreateAsync(space, Manifests.Task("t", "report finish", new JsonObject { ["prompt"] = prompt.ToString() }));

        await cluster.UntilAsync(space, "t", FlowStates.Done);

        var bytes = Encoding.UTF8.GetBytes(prompt.ToString());
        Assert.Equal(128 * 1024, bytes.Length);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), (await ReportAsync(space, "t"))["prompt"].Split(' ')[0]);
    }

    [Fact]
    public async Task Title_model_variables_and_parameters_arrive_with_every_character_that_they_may_have()
    {
        var space = await cluster.CreateNamespaceAsync();
        var text = Torture + Controls;
        await cluster.ApplyAsync(
            space,
            Manifests.Blueprint(new JsonObject { ["env"] = new JsonArray(new JsonObject { ["name"] = "VARIABLE", ["value"] = Controls }) }));
        await CreateAsync(
            space,
            Manifests.Task(
                "t",
                new JsonObject { ["do"] = "report finish", ["text"] = text + "\0" },
                new JsonObject { ["title"] = text, ["model"] = text }));

        await cluster.UntilAsync(space, "t", FlowStates.Done);

        var report = await ReportAsync(space, "t");
        Assert.Equal(text, Decoded(report["title"]));
        Assert.Equal(text, Decoded(report["model"]));
        Assert.Equal(Controls, Decoded(report["variable"]));
        var task = JsonNode.Parse(Decoded(report["task"]))!;
        Assert.Equal(text + "\0", (string?)task["spec"]!["parameters"]!["text"]);
        Assert.Equal(("t", space, 1), ((string?)task["name"], (string?)task["namespace"], (int?)task["attempt"]));
        Assert.Null(task["spec"]!["prompt"]);
    }

    [Fact]
    public async Task The_model_is_the_tasks_else_the_blueprints_else_unset()
    {
        var space = await cluster.CreateNamespaceAsync();
        await cluster.ApplyAsync(space, Manifests.Blueprint([]), Manifests.Task("neither", "report finish"));
        await cluster.UntilAsync(space, "neither", FlowStates.Done);

        await cluster.ApplyAsync(
            space,
            Manifests.Blueprint(new JsonObject { ["model"] = "large" }),
            Manifests.Task("blueprints", "report finish"),
            Manifests.Task("tasks", "report finish", new JsonObject { ["model"] = "small" }));
        await cluster.UntilAsync(space, "blueprints", FlowStates.Done);
        await cluster.UntilAsync(space, "tasks", FlowStates.Done);

        Assert.Equal("unset", Decoded((await ReportAsync(space, "neither"))["model"]));
        Assert.Equal("large", Decoded((await ReportAsync(space, "blueprints"))["model"]));
        Assert.Equal("small", Decoded((await ReportAsync(space, "tasks"))["model"]));
    }

    [Fact]
    public async Task Each_attempt_is_given_the_last_ones_word_and_the_branch_with_all_work_before()
    {
        var space = await cluster.CreateNamespaceAsync();
        var repository = await cluster.CreateRepositoryAsync(space);
        var title = Torture + Controls.Replace("\n", "", StringComparison.Ordinal);
        await cluster.ApplyAsync(
            space,
            Manifests.Repository(space),
            Manifests.Blueprint(new JsonObject { ["retry"] = new JsonObject { ["backoffSeconds"] = 0, ["maxBackoffSeconds"] = 0 } }, cluster.SharedFolder));
        await CreateAsync(
            space,
            Manifests.Task(
                "t",
                new JsonObject { ["do-1"] = "report commit fail:NotYet", ["do-2"] = "report commit continue", ["do-3"] = "report commit finish" },
                new JsonObject { ["repository"] = "r", ["title"] = title }));

        var task = await cluster.UntilAsync(space, "t", FlowStates.Done);

        Assert.Equal(["NotYet", "NeedsContinuation", "Succeeded"], task.Status!.Attempts!.Select(attempt => attempt.Reason));
        Assert.Equal([1, 1, 1], task.Status.Attempts!.Select(attempt => attempt.Commits ?? 0));
        var branch = Assert.Single(task.Status.Attempts!.Select(attempt => attempt.Branch).Distinct());
        Assert.Equal("1\n2\n3\nREADME.md", await ClusterFixture.GitAsync(repository, "ls-tree", "--name-only", branch!));
        Assert.Equal("", Decoded((await ReportAsync(space, "t", 1))["feedback"]));
        Assert.Equal(title, Decoded((await ReportAsync(space, "t", 2))["feedback"]));
        Assert.Equal(title, Decoded((await ReportAsync(space, "t", 3))["feedback"]));
        Assert.Equal(branch, Decoded((await ReportAsync(space, "t", 3))["branch"]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Scripts_that_change_while_an_agent_runs_are_for_the_next_one(bool inConfigMap)
    {
        var space = await cluster.CreateNamespaceAsync();
        var go = Path.Combine(cluster.SharedFolder, space);
        await cluster.ApplyAsync(
            space,
            [.. Scripts("one", inConfigMap), Manifests.Task("before", $"version wait:{space} version finish")]);
        await UntilLoggedAsync(space, "before", "one\n");

        await cluster.ApplyAsync(space, Scripts("two", inConfigMap));
        await cluster.UntilAsync(
            async () =>
            {
                var blueprint = await cluster.GetAsync(space, "agentblueprints", "implementer", KindsJson.Default.AgentBlueprint);
                return blueprint.Status?.ObservedGeneration == blueprint.Metadata.Generation;
            },
            "the operator has seen the change",
            space);
        await cluster.ApplyAsync(space, Manifests.Task("after", "version finish"));
        await cluster.UntilAsync(space, "after", FlowStates.Done);
        await File.WriteAllTextAsync(go, "", TestContext.Current.CancellationToken);
        await cluster.UntilAsync(space, "before", FlowStates.Done);

        Assert.StartsWith("one\none\n", await LogAsync(space, "before"), StringComparison.Ordinal);
        Assert.StartsWith("two\n", await LogAsync(space, "after"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silent_run_is_ended_with_NoProgress_and_its_log_can_still_be_read()
    {
        var space = await cluster.CreateNamespaceAsync();
        await cluster.ApplyAsync(
            space,
            Manifests.Blueprint(new JsonObject { ["noProgressTimeoutSeconds"] = 6, ["retry"] = Once() }),
            Manifests.Task("t", "say:last-words progress:half-way silent"));

        var task = await cluster.UntilAsync(space, "t", FlowStates.Failed);

        Assert.Equal(("NoProgress", FailureClass.Task), (task.Status!.Attempts![0].Reason, task.Status.Attempts[0].Class!.Value));
        Assert.EndsWith("\n\nhalf-way", task.Status.Feedback, StringComparison.Ordinal);
        Assert.StartsWith("last-words\n", await LogAsync(space, "t"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_deadline_ends_a_run_and_its_commits_are_pushed()
    {
        var space = await cluster.CreateNamespaceAsync();
        var repository = await cluster.CreateRepositoryAsync(space);
        await cluster.ApplyAsync(
            space,
            Manifests.Repository(space),
            Manifests.Blueprint(new JsonObject { ["timeoutSeconds"] = 10, ["retry"] = Once() }, cluster.SharedFolder),
            Manifests.Task("t", "commit:half say:last-words silent", new JsonObject { ["repository"] = "r" }));

        var attempt = (await cluster.UntilAsync(space, "t", FlowStates.Failed)).Status!.Attempts![0];

        Assert.Equal(("Deadline", FailureClass.Task, 1), (attempt.Reason, attempt.Class!.Value, attempt.Commits));
        Assert.Equal(attempt.HeadSHA, await ClusterFixture.GitAsync(repository, "rev-parse", attempt.Branch!));
        Assert.Equal("README.md\nhalf", await ClusterFixture.GitAsync(repository, "ls-tree", "--name-only", attempt.Branch!));
        Assert.StartsWith("last-words\n", await LogAsync(space, "t"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_process_left_behind_does_not_hold_up_the_end(bool isWatched)
    {
        var space = await cluster.CreateNamespaceAsync();
        await cluster.ApplyAsync(
            space,
            Manifests.Blueprint(isWatched ? new JsonObject { ["noProgressTimeoutSeconds"] = 600 } : []),
            Manifests.Task("t", "child finish"));

        // The child would hold it up for an hour, the wait for the task gives up long before.
        Assert.Equal("Succeeded", (await cluster.UntilAsync(space, "t", FlowStates.Done)).Status!.Attempts![0].Reason);
    }

    [Fact]
    public async Task A_comment_that_is_too_long_is_cut_and_the_result_is_not_lost()
    {
        var space = await cluster.CreateNamespaceAsync();
        await cluster.ApplyAsync(space, Manifests.Blueprint(new JsonObject { ["retry"] = Once() }), Manifests.Task("t", "long"));

        var task = await cluster.UntilAsync(space, "t", FlowStates.Failed);

        Assert.Equal("LongComment", task.Status!.Attempts![0].Reason);
        Assert.Equal(new string('x', 2048), task.Status.Feedback);
        var message = await MessageAsync(space);
        Assert.InRange(Encoding.UTF8.GetByteCount(message), 3980, 4000);
        Assert.EndsWith("x…", (string?)JsonNode.Parse(message)!["comment"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_custom_agent_writes_its_own_result()
    {
        var space = await cluster.CreateNamespaceAsync();
        const string Result = """
            {"outcome":"failed","attempt":1,"reason":"OwnReason","comment":"It's \"mine\".\u0000","turns":3,"tokens":{"input":5000000000,"output":6},"costUSD":"0.12"}
            """;
        await cluster.ApplyAsync(
            space,
            Manifests.Blueprint(new JsonObject
            {
                ["type"] = "custom",
                ["command"] = new JsonArray("/bin/sh", "-c", "printf %s \"$1\" >/dev/termination-log; exit 7", "sh", Result),
                ["retry"] = Once(),
            }),
            Manifests.Task("t", ""));

        var task = await cluster.UntilAsync(space, "t", FlowStates.Failed);

        var attempt = Assert.Single(task.Status!.Attempts!);
        Assert.Equal(("OwnReason", 3, "0.12"), (attempt.Reason, attempt.Turns, attempt.CostUSD));
        Assert.Equal(new TokenUsage { Input = 5_000_000_000, Output = 6 }, attempt.Tokens);
        Assert.Equal("It's \"mine\".\0", task.Status.Feedback);
    }

    [Fact]
    public async Task A_process_that_the_kernel_kills_for_memory_is_OutOfMemory()
    {
        var space = await cluster.CreateNamespaceAsync();
        await cluster.ApplyAsync(
            space,
            Manifests.Blueprint(new JsonObject
            {
                ["resources"] = new JsonObject { ["limits"] = new JsonObject { ["memory"] = "64Mi" } },
                ["timeoutSeconds"] = 60,
                ["retry"] = Once(),
            }),
            Manifests.Task("t", "eat"));

        var task = await cluster.UntilAsync(space, "t", FlowStates.Failed);

        Assert.Equal(("OutOfMemory", FailureClass.Task), (task.Status!.Attempts![0].Reason, task.Status.Attempts[0].Class!.Value));

        // By the runner's own finding; not every container runtime notices that a child was killed.
        Assert.Equal("OutOfMemory", (string?)JsonNode.Parse(await MessageAsync(space))!["reason"]);
    }

    private static JsonObject Once() => new() { ["maxAttempts"] = 1 };

    private string[] Scripts(string version, bool inConfigMap)
    {
        JsonObject Files() => new() { ["run"] = Manifests.Run, ["version"] = version + "\n" };
        var spec = new JsonObject { ["maxInstances"] = 2 };
        if (!inConfigMap)
        {
            spec["scripts"] = new JsonObject { ["inline"] = Files() };
            return [Manifests.Blueprint(spec, cluster.SharedFolder)];
        }

        spec["scripts"] = new JsonObject { ["configMapName"] = "scripts" };
        var configMap = new JsonObject
        {
            ["apiVersion"] = "v1", ["kind"] = "ConfigMap", ["metadata"] = new JsonObject { ["name"] = "scripts" }, ["data"] = Files(),
        };
        return [configMap.ToJsonString(), Manifests.Blueprint(spec, cluster.SharedFolder)];
    }

    // Not applied: kubectl would keep a second copy of a long prompt in an annotation.
    private Task<string> CreateAsync(string space, string manifest) =>
        cluster.KubectlAsync(manifest, "-n", space, "create", "--validate=false", "-f", "-");

    /// <summary>What the agent of the namespace's only pod has left.</summary>
    private Task<string> MessageAsync(string space) => cluster.KubectlAsync(
        null, "-n", space, "get", "pods", "-o", "jsonpath={.items[0].status.containerStatuses[?(@.name==\"agent\")].state.terminated.message}");

    private Task UntilLoggedAsync(string space, string task, string text) => cluster.UntilAsync(
        async () =>
        {
            // Before its container has started there is no log to read.
            var running = await cluster.KubectlAsync(
                null, "-n", space, "get", "pods", "-l", $"octopoid.dev/task={task}", "--field-selector=status.phase=Running", "-o", "name");
            return running != "" && (await LogAsync(space, task)).Contains(text, StringComparison.Ordinal);
        },
        $"task {task} has logged {text}",
        space);

    private Task<string> LogAsync(string space, string task, int? attempt = null) => cluster.KubectlAsync(
        null, "-n", space, "logs", "--tail=-1", "-c", "agent", "-l", $"octopoid.dev/task={task}" + (attempt is null ? "" : $",octopoid.dev/attempt={attempt}"));

    private async Task<Dictionary<string, string>> ReportAsync(string space, string task, int attempt = 1) =>
        (await LogAsync(space, task, attempt)).Split('\n').Select(line => line.Split('=', 2)).Where(parts => parts.Length == 2)
            .ToDictionary(parts => parts[0], parts => parts[1]);

    private static string Decoded(string text) => new UTF8Encoding(false, true).GetString(Convert.FromBase64String(text));
}
