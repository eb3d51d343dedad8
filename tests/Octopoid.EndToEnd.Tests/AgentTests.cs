using System.Text.Json;
using Octopoid.Core.Kinds;
using Octopoid.Testing;

namespace Octopoid.EndToEnd.Tests;

/// <summary>Tasks done by real pods.</summary>
public sealed class AgentTests(ClusterFixture cluster)
{
    private const string Torture = "it's \"quoted\" \\n $(touch hacked) $HOME $$ `touch hacked` %s & ; | < > * # ä 漢字 😀";

    [Fact]
    public async Task An_agent_commits_and_its_branch_is_in_the_repository()
    {
        var space = await cluster.CreateNamespaceAsync();
        var repository = await cluster.CreateRepositoryAsync(space);
        await cluster.ApplyAsync(
            space,
            Repository(space),
            Blueprint("""cat "$OCTOPOID_PROMPT_FILE" >note.md; git add note.md; git commit --quiet --message "$OCTOPOID_TITLE"; finish""", Overlay()),
            Task("t", "title: Write a note, repository: r, prompt: Octopuses have three hearts."));

        var task = await cluster.UntilAsync(space, "t", FlowStates.Done);

        var attempt = Assert.Single(task.Status!.Attempts!);
        Assert.Equal((AttemptOutcome.Done, 1, "implementer"), (attempt.Outcome, attempt.Commits, attempt.Blueprint));
        Assert.StartsWith("agent/t-", attempt.Branch, StringComparison.Ordinal);
        Assert.Equal(attempt.HeadSHA, await ClusterFixture.GitAsync(repository, "rev-parse", attempt.Branch!));
        Assert.Equal("Octopuses have three hearts.", await ClusterFixture.GitAsync(repository, "show", $"{attempt.Branch}:note.md"));
        Assert.Equal("Write a note", await ClusterFixture.GitAsync(repository, "log", "-1", "--format=%s", attempt.Branch!));
    }

    [Fact]
    public async Task The_least_example_runs()
    {
        var space = await cluster.CreateNamespaceAsync();
        await cluster.KubectlAsync(
            null, "-n", space, "apply", "--validate=false", "-f", RepositoryRoot.Combine("examples", "minimal.yaml"));
        await cluster.KubectlAsync(null, "-n", space, "wait", "--for=condition=Complete", "--timeout=60s", "agenttask/hello");

        Assert.Contains(
            "I was asked to: Say hello.",
            await cluster.KubectlAsync(null, "-n", space, "logs", "-l", "octopoid.dev/task=hello"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_example_of_a_review_runs_as_it_says()
    {
        var space = await cluster.CreateNamespaceAsync();
        await cluster.KubectlAsync(
            null, "-n", space, "apply", "--validate=false", "-f", RepositoryRoot.Combine("examples", "reviewed.yaml"));
        await cluster.UntilWaitsAsync(space, "poem", Reasons.AwaitsDecision, 4);

        await cluster.DecideAsync(space, "poem", 4, "approve");
        await cluster.KubectlAsync(null, "-n", space, "wait", "--for=condition=Complete", "--timeout=60s", "agenttask/poem");
    }

    [Fact]
    public async Task A_second_attempt_goes_on_where_the_first_stopped_and_is_told_why()
    {
        var space = await cluster.CreateNamespaceAsync();
        var repository = await cluster.CreateRepositoryAsync(space);
        const string Run = """
            if [ "$OCTOPOID_ATTEMPT" = 1 ]; then
              echo one >one; git add one; git commit --quiet --message one; fail NotYet "look at one"
            else
              grep -q "look at one" "$OCTOPOID_FEEDBACK_FILE" && [ -f one ] && echo two >two && git add two && git commit --quiet --message two && finish
            fi
            """;
        await cluster.ApplyAsync(
            space,
            Repository(space),
            Blueprint(Run, "retry: {backoffSeconds: 1, maxBackoffSeconds: 1}", Overlay()),
            Task("t", "repository: r, prompt: Go on."));

        var task = await cluster.UntilAsync(space, "t", FlowStates.Done);

        Assert.Equal(["NotYet", "Succeeded"], task.Status!.Attempts!.Select(attempt => attempt.Reason));
        Assert.Equal("2", await ClusterFixture.GitAsync(repository, "rev-list", "--count", "main.." + task.Status.Attempts![1].Branch));
    }

    [Fact]
    public async Task Texts_arrive_as_they_were_written()
    {
        var space = await cluster.CreateNamespaceAsync();
        await cluster.ApplyAsync(
            space,
            Blueprint("""printf 'title=%s|\nprompt=%s|\n' "$OCTOPOID_TITLE" "$(cat "$OCTOPOID_PROMPT_FILE")"; finish"""));
        await cluster.KubectlAsync(
            "{\"apiVersion\":\"octopoid.dev/v1alpha1\",\"kind\":\"AgentTask\",\"metadata\":{\"name\":\"t\"},"
            + $"\"spec\":{{\"title\":{Json(Torture)},\"prompt\":{Json(Torture + "\nsecond line")}}}}}",
            "-n", space, "apply", "--validate=false", "-f", "-");

        await cluster.UntilAsync(space, "t", FlowStates.Done);

        var log = await cluster.KubectlAsync(null, "-n", space, "logs", "-l", "octopoid.dev/task=t", "-c", "agent");
        Assert.Contains($"title={Torture}|\n", log, StringComparison.Ordinal);
        Assert.Contains($"prompt={Torture}\nsecond line|\n", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_crashing_agent_fails_its_task_and_its_log_can_be_read()
    {
        var space = await cluster.CreateNamespaceAsync();
        await cluster.ApplyAsync(space, Blueprint("echo about to crash; exit 3", "retry: {maxAttempts: 1}"), Task("t", "prompt: Crash."));

        var task = await cluster.UntilAsync(space, "t", FlowStates.Failed);

        Assert.Equal((AttemptOutcome.Failed, FailureClass.Task), (task.Status!.Attempts![0].Outcome!.Value, task.Status.Attempts[0].Class!.Value));
        Assert.Contains("about to crash", await cluster.KubectlAsync(null, "-n", space, "logs", "-l", "octopoid.dev/task=t"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_custom_agent_needs_no_runner()
    {
        var space = await cluster.CreateNamespaceAsync();
        await cluster.ApplyAsync(
            space,
            "{apiVersion: octopoid.dev/v1alpha1, kind: AgentBlueprint, metadata: {name: implementer}, spec: "
            + $"{{type: custom, image: '{ClusterFixture.AgentImage}', command: [/bin/sh, -c, 'test -s \"$OCTOPOID_PROMPT_FILE\"']}}}}",
            Task("t", "prompt: Exist."));

        Assert.Equal("Succeeded", (await cluster.UntilAsync(space, "t", FlowStates.Done)).Status!.Attempts![0].Reason);
    }

    [Fact]
    public async Task Scripts_may_come_from_a_ConfigMap_and_cannot_be_changed_by_the_agent()
    {
        var space = await cluster.CreateNamespaceAsync();
        await cluster.ApplyAsync(
            space,
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: scripts}, data: {run: 'echo x >>\"$0\" && fail Writable \"\" || finish'}}",
            $"{{apiVersion: octopoid.dev/v1alpha1, kind: AgentBlueprint, metadata: {{name: implementer}}, spec: {{image: '{ClusterFixture.AgentImage}', scripts: {{configMapName: scripts}}}}}}",
            Task("t", "prompt: Try."));

        Assert.Equal("Succeeded", (await cluster.UntilAsync(space, "t", FlowStates.Done)).Status!.Attempts![0].Reason);
    }

    [Fact]
    public async Task A_repository_that_is_not_there_is_the_infrastructures_fault_and_the_task_says_so()
    {
        var space = await cluster.CreateNamespaceAsync();
        await cluster.ApplyAsync(
            space,
            "{apiVersion: octopoid.dev/v1alpha1, kind: AgentRepository, metadata: {name: r}, spec: {url: 'file:///nowhere.git'}}",
            Blueprint("finish", "retry: {maxInfrastructureRetries: 0}"),
            Task("t", "repository: r, prompt: Look."));

        var task = await cluster.UntilAsync(space, "t", FlowStates.Failed);

        Assert.Equal(("WorkspaceFailed", FailureClass.Infrastructure), (task.Status!.Attempts![0].Reason, task.Status.Attempts[0].Class!.Value));
        Assert.Contains("repository", task.Status.Feedback, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pool_runs_as_many_pods_as_it_may_and_deleting_a_task_frees_its_slot()
    {
        var space = await cluster.CreateNamespaceAsync();
        await cluster.ApplyAsync(
            space,
            Blueprint("while [ ! -e /shared/go ]; do sleep 0.2; done; finish", "maxInstances: 2", Overlay()),
            Task("a", "prompt: Wait., priority: P0"), Task("b", "prompt: Wait., priority: P1"), Task("c", "prompt: Wait."));
        var go = Path.Combine(cluster.SharedFolder, "go");
        File.Delete(go);
        await UntilRunningAsync(space, "a", "b");

        await cluster.KubectlAsync(null, "-n", space, "delete", "agenttask", "a", "--wait=false");
        await UntilRunningAsync(space, "b", "c");
        await File.WriteAllTextAsync(go, "", TestContext.Current.CancellationToken);
        await cluster.UntilAsync(space, "b", FlowStates.Done);
        await cluster.UntilAsync(space, "c", FlowStates.Done);
    }

    [Fact]
    public async Task A_cancelled_task_ends_its_pod_and_is_not_tried_again()
    {
        var space = await cluster.CreateNamespaceAsync();
        await cluster.ApplyAsync(
            space,
            Blueprint("while :; do sleep 0.2; done", "podTemplate: {spec: {terminationGracePeriodSeconds: 2}}"),
            Task("a", "prompt: Wait., priority: P0"),
            Task("b", "prompt: Wait."));
        await UntilRunningAsync(space, "a");

        foreach (var name in new[] { "b", "a" })
        {
            await cluster.KubectlAsync(null, "-n", space, "patch", "agenttask", name, "--type=merge", "-p", """{"spec":{"cancel":true}}""");
        }

        var running = await cluster.UntilAsync(space, "a", FlowStates.Cancelled);
        Assert.Equal(AttemptOutcome.Cancelled, Assert.Single(running.Status!.Attempts!).Outcome);
        Assert.Null((await cluster.UntilAsync(space, "b", FlowStates.Cancelled)).Status!.Attempts);
        await cluster.UntilAsync(
            async () => await cluster.KubectlAsync(null, "-n", space, "get", "jobs,pods", "-o", "name") == "", "Job and pod are gone", space);
    }

    [Fact]
    public async Task An_attempt_that_waits_for_quota_says_so_and_runs_once_there_is_some()
    {
        var space = await cluster.CreateNamespaceAsync();
        await cluster.ApplyAsync(
            space,
            "{apiVersion: v1, kind: ResourceQuota, metadata: {name: agents}, spec: {hard: {pods: '0'}}}",
            Blueprint("finish"),
            Task("t", "prompt: Wait for quota."));
        await cluster.UntilAsync(
            async () => (await cluster.GetAsync(space, "agentblueprints", "implementer", KindsJson.Default.AgentBlueprint))
                .Status?.Message?.Contains("QuotaExceeded: ", StringComparison.Ordinal) == true,
            "the blueprint speaks of quota",
            space);
        Assert.Contains(
            "QuotaExceeded", await cluster.KubectlAsync(null, "-n", space, "get", "events", "-o", "jsonpath={.items[*].reason}"), StringComparison.Ordinal);

        await cluster.KubectlAsync(null, "-n", space, "delete", "resourcequota", "agents");
        var task = await cluster.UntilAsync(space, "t", FlowStates.Done);
        Assert.Equal((1, "Succeeded"), (task.Status!.Attempt, Assert.Single(task.Status.Attempts!).Reason));
    }

    private Task UntilRunningAsync(string space, params string[] tasks) => cluster.UntilAsync(
        async () =>
        {
            var status = (await cluster.GetAsync(space, "agentblueprints", "implementer", KindsJson.Default.AgentBlueprint)).Status;
            var pods = await cluster.KubectlAsync(
                null, "-n", space, "get", "pods", "--field-selector=status.phase=Running", "-o", "jsonpath={.items[*].metadata.labels.octopoid\\.dev/task}");
            return status?.Instances == tasks.Length
                && pods.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order().SequenceEqual(tasks.Order());
        },
        $"{string.Join(" and ", tasks)} run",
        space);

    /// <summary>The shared folder in the pods at /shared, the repositories below it.</summary>
    private string Overlay() =>
        $"podTemplate: {{spec: {{volumes: [{{name: shared, hostPath: {{path: {cluster.SharedFolder}}}}}], "
        + "initContainers: [{name: workspace, volumeMounts: [{name: shared, mountPath: /shared}]}], "
        + "containers: [{name: agent, volumeMounts: [{name: shared, mountPath: /shared}]}]}}";

    private static string Repository(string name) =>
        $"{{apiVersion: octopoid.dev/v1alpha1, kind: AgentRepository, metadata: {{name: r}}, spec: {{url: 'file:///shared/repositories/{name}.git'}}}}";

    private static string Blueprint(string run, params string[] more) =>
        "{apiVersion: octopoid.dev/v1alpha1, kind: AgentBlueprint, metadata: {name: implementer}, spec: {"
        + string.Join(", ", [$"image: '{ClusterFixture.AgentImage}'", $"scripts: {{inline: {{run: {Json("#!/bin/sh\n" + run)}}}}}", .. more]) + "}}";

    private static string Task(string name, string spec) =>
        $"{{apiVersion: octopoid.dev/v1alpha1, kind: AgentTask, metadata: {{name: {name}}}, spec: {{{spec}}}}}";

    private static string Json(string text) => JsonSerializer.Serialize(text);
}
