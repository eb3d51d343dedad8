using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Octopoid.Core.Kinds;
using Octopoid.Testing;

namespace Octopoid.Cli.Tests.Commands;

/// <summary>Every command on a real API server, which an operator serves; nobody makes pods, so what is started runs on.</summary>
public sealed partial class CommandTests(CommandTests.Pool pool) : IClassFixture<CommandTests.Pool>, IAsyncLifetime
{
    private string _namespace = "";

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _namespace = await pool.Server.CreateNamespaceAsync(CancellationToken);

    public async ValueTask DisposeAsync()
    {
        // Slots are of the whole cluster: what runs here would hold back the next test. No garbage collector is here to remove the Job of a task that is
        // gone, so none may be on its way then; and without blueprints nothing is claimed any more.
        await TypeAsync("resume");
        Succeeded(await KubectlAsync(null, "delete", "agentblueprints,agentflows", "--all"));
        await UntilAsync(HasEachClaimItsJobAsync, "each claim has its Job");
        Succeeded(await KubectlAsync(null, "delete", "agenttasks", "--all"));
        Succeeded(await KubectlAsync(null, "delete", "jobs", "--all"));
        await UntilAsync(
            async () => (await pool.Server.GetAsync("/apis/octopoid.dev/v1alpha1/agentorchestrators/default", CancellationToken)).Json["status"]?["running"]?.GetValue<int>() is null or 0,
            "no slot is taken");
    }

    [Fact]
    public async Task Run_makes_a_task_that_the_operator_claims()
    {
        await ApplyAsync(Blueprint(1));

        var made = await TypeAsync("run", "Say \"hello\", it's $(me).", "--role", "implementer", "--name", "hello", "--title", "Hello", "-p", "P1");

        Assert.Equal(new Terminal(0, "agenttask.octopoid.dev/hello created\n", ""), made);
        await UntilAsync(async () => (await TaskAsync("hello")).Status?.ClaimedBy == "implementer", "the task is claimed");
        var task = await TaskAsync("hello");
        Assert.Equal(("Say \"hello\", it's $(me).", "Hello", TaskPriority.P1, "default"), (task.Spec.Prompt, task.Spec.Title, task.Spec.Priority, task.Spec.Flow));
    }

    [Fact]
    public async Task Run_takes_a_prompt_from_a_pipe_and_answers_programs()
    {
        var made = await Terminal.TypeAsync("Several\nlines.\n", [.. Cluster, "run", "-", "-o", "json"], CancellationToken);

        var task = JsonSerializer.Deserialize(made.Output, KindsJson.Default.AgentTask)!;
        Assert.StartsWith("run-", task.Metadata.Name, StringComparison.Ordinal);
        Assert.Equal("Several\nlines.\n", (await TaskAsync(task.Metadata.Name)).Spec.Prompt);
    }

    [Fact]
    public async Task Run_refuses_what_cannot_be_run()
    {
        await ApplyAsync(Flow("first", "tester"), Flow("second", "tester"), Flow("third", "writer"));

        await RefusesAsync("error: The prompt must have 1 to 131072 bytes of UTF-8.", "run", "  ");
        await RefusesAsync("error: The prompt must have 1 to 131072 bytes of UTF-8.", "run", new string('ä', 70_000));
        await RefusesAsync("error: No flow begins with the role nobody: apply one, or name another role.", "run", "x", "--role", "nobody");
        await RefusesAsync("error: Several flows begin with the role tester: name one of first, second by --flow.", "run", "x", "--role", "tester");
        await RefusesAsync("error: The flow third does not begin with the role tester.", "run", "x", "--role", "tester", "--flow", "third");
        Assert.Equal("third", JsonSerializer.Deserialize((await TypeAsync("run", "x", "--role", "writer", "-o", "json")).Output, KindsJson.Default.AgentTask)!.Spec.Flow);
        var refused = await TypeAsync("run", "x", "--name", "Not_A_Name");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("metadata.name: Invalid value: \"Not_A_Name\"", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_followed_ends_as_the_task_does()
    {
        await ApplyAsync(Flow("signed", null));

        Assert.Equal(4, (await FollowedAsync("given-up", "cancel")).ExitCode);
        var done = await FollowedAsync("agreed", "approve");
        Assert.Equal(0, done.ExitCode);
        Assert.EndsWith("# agreed is done\n", done.Error, StringComparison.Ordinal);

        async Task<Terminal> FollowedAsync(string name, string verb)
        {
            var followed = TypeAsync("run", "x", "--name", name, "--flow", "signed", "--follow");
            await UntilWaitsAsync(name);
            Assert.Equal(0, (await TypeAsync(verb, name)).ExitCode);
            return await followed;
        }
    }

    [Fact]
    public async Task Decisions_take_a_task_on_and_are_refused_where_none_is_waited_for()
    {
        await ApplyAsync(Flow("signed", null), Task("t", "flow: signed, prompt: p"), Task("other", "flow: missing, prompt: p"));
        await UntilWaitsAsync("t");

        await RefusesAsync("error: Task t is incoming; only a failed or cancelled one begins again.", "retry", "t");
        await RefusesAsync("error: There is no task named nothing in namespace NAMESPACE.", "approve", "nothing");
        await UntilAsync(async () => (await TaskAsync("other")).Status?.Conditions is not null, "the other one waits");
        await RefusesAsync("error: Task other waits for no decision: it is incoming, FlowMissing.", "approve", "other");

        Assert.Equal("agenttask.octopoid.dev/t cancelled\n", (await TypeAsync("cancel", "t")).Output);
        await UntilStateAsync("t", FlowStates.Cancelled);
        await RefusesAsync("error: Task t has ended already: it is cancelled.", "cancel", "t");
        Assert.Equal("agenttask.octopoid.dev/t begins again\n", (await TypeAsync("retry", "t", "Once more.")).Output);
        await UntilStateAsync("t", FlowStates.Incoming);
        await UntilWaitsAsync("t");
        Assert.Equal("agenttask.octopoid.dev/t\n", (await TypeAsync("approve", "t", "-o", "name")).Output);
        await UntilStateAsync("t", FlowStates.Done);
        await RefusesAsync("error: Task t has ended: it is done.", "reject", "t", "No.");
    }

    [Fact]
    public async Task A_failure_with_one_object_keeps_nothing_from_the_others()
    {
        await ApplyAsync(Blueprint(0), Task("a", "prompt: p"), Task("b", "prompt: p"));

        var cancelled = await TypeAsync("cancel", "a", "nothing", "b", "-o", "yaml");

        Assert.Equal((1, $"error: There is no task named nothing in namespace {_namespace}.\n"), (cancelled.ExitCode, cancelled.Error));
        Assert.Equal(2, cancelled.Output.Split("---\n").Count(document => document.Contains("cancel: true", StringComparison.Ordinal)));
        await UntilStateAsync("a", FlowStates.Cancelled);
        await UntilStateAsync("b", FlowStates.Cancelled);
        var paused = await TypeAsync("pause", "nothing", "implementer");
        Assert.Equal((1, "agentblueprint.octopoid.dev/implementer paused\n"), (paused.ExitCode, paused.Output));
    }

    [Fact]
    public async Task A_word_that_would_not_act_is_not_said_to_have_acted()
    {
        await ApplyAsync(Blueprint(0), Task("t", "prompt: p"));
        await EndAndRetryAsync();

        await TypeAsync("cancel", "t");
        await UntilStateAsync("t", FlowStates.Cancelled);
        await RefusesAsync("error: That was said of attempt 0 before, and a word acts once: say it with another COMMENT.", "retry", "t");
        Assert.Equal(0, (await TypeAsync("retry", "t", "Really.")).ExitCode);
        await UntilStateAsync("t", FlowStates.Incoming);

        async Task EndAndRetryAsync()
        {
            await TypeAsync("cancel", "t");
            await UntilStateAsync("t", FlowStates.Cancelled);
            Assert.Equal(0, (await TypeAsync("retry", "t")).ExitCode);
            await UntilStateAsync("t", FlowStates.Incoming);
        }
    }

    [Fact]
    public async Task An_interrupt_does_not_look_like_success()
    {
        using var interrupt = CancellationTokenSource.CreateLinkedTokenSource(CancellationToken);
        var followed = Terminal.TypeAsync("", [.. Cluster, "run", "x", "--name", "t", "--follow"], interrupt.Token);
        await UntilAsync(async () => (await TypeAsync("status", "-o", "name")).Output.Length > 0, "the task is made");

        await interrupt.CancelAsync();

        Assert.Equal(130, (await followed).ExitCode);
        Assert.Equal("incoming", (await TaskAsync("t")).Status!.State);
    }

    [Fact]
    public async Task A_text_after_two_dashes_may_begin_with_one()
    {
        Assert.Equal(0, (await TypeAsync("run", "--name", "t", "--", "--folow is misspelt")).ExitCode);

        Assert.Equal("--folow is misspelt", (await TaskAsync("t")).Spec.Prompt);
    }

    [Fact]
    public async Task A_followed_task_is_followed_through_an_outage()
    {
        await ApplyAsync(Flow("signed", null));
        await using var road = FaultProxy.Start(pool.Server.Uri);
        var proxied = pool.Write("proxied", pool.Server.Kubeconfig(ControlPlane.AdminToken, road.Uri));
        var followed = Terminal.TypeAsync("", ["--kubeconfig", proxied, "-n", _namespace, "run", "x", "--name", "t", "--flow", "signed", "--follow"], CancellationToken);
        await UntilWaitsAsync("t");

        road.Become(FaultMode.Refuse);
        await TypeAsync("approve", "t");
        await UntilStateAsync("t", FlowStates.Done);
        await System.Threading.Tasks.Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System, CancellationToken);
        road.Become(FaultMode.Forward);

        var ended = await followed;
        Assert.Equal(0, ended.ExitCode);
        Assert.Contains("# No answer from the API server: ", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rejection_sends_a_task_back_with_its_comment()
    {
        await ApplyAsync("""
            apiVersion: octopoid.dev/v1alpha1
            kind: AgentFlow
            metadata: {name: late}
            spec: {transitions: [{from: incoming, to: written}, {from: written, to: done, conditions: [{name: sign-off, manual: true}]}]}
            """, Task("t", "flow: late, prompt: p"));
        await UntilWaitsAsync("t");

        Assert.Equal(0, (await TypeAsync("reject", "t", "It does not rhyme.")).ExitCode);

        await UntilAsync(async () => (await TaskAsync("t")).Status?.Rejections == 1, "the task is rejected");
        Assert.Contains("It does not rhyme.", (await TaskAsync("t")).Status!.Feedback, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_fourth_task_of_three_is_told_why_it_waits()
    {
        await ApplyAsync(Blueprint(3));
        for (var i = 1; i <= 4; i++)
        {
            Assert.Equal(0, (await TypeAsync("run", "x", "--name", $"t{i}")).ExitCode);
        }

        await UntilAsync(async () => (await TypeAsync("explain", "t4")).Output.Contains("3 of 3 instances", StringComparison.Ordinal), "the fourth one is told");
        await UntilAsync(
            async () => Plain((await TypeAsync("status")).Output) is var shown
                && shown.Contains("3 of 9 agents run", StringComparison.Ordinal) && shown.Contains("3/3  1", StringComparison.Ordinal),
            "the pool is full");

        Picture.IsKept(Plain((await TypeAsync("explain", "t4")).Output), "Explain_of_the_fourth_task_of_three");
        Picture.IsKept(Plain((await TypeAsync("status")).Output), "Status_of_a_full_pool");
        Assert.Equal("agenttask.octopoid.dev/t1\nagenttask.octopoid.dev/t2\nagenttask.octopoid.dev/t3\nagenttask.octopoid.dev/t4\n", (await TypeAsync("status", "-o", "name")).Output);
        Assert.Equal(3, JsonDocument.Parse((await TypeAsync("status", "-A", "-o", "json")).Output).RootElement.GetProperty("running").GetArrayLength());

        Assert.Equal("agentblueprint.octopoid.dev/implementer scaled to 4\n", (await TypeAsync("scale", "implementer", "4")).Output);
        await UntilAsync(async () => (await TaskAsync("t4")).Status?.Claim is not null, "the fourth one has started");
        await RefusesAsync("error: The agent of attempt 1 has not started yet: -f waits for it.", "logs", "t4");
        await RefusesAsync("error: The pod of attempt 7 is gone, and its log with it; Jobs are kept for the orchestrator's retention.jobSeconds.", "logs", "t4", "--attempt", "7");
    }

    [Fact]
    public async Task What_is_paused_starts_nothing_until_it_is_resumed()
    {
        await ApplyAsync(Blueprint(1));

        Assert.Equal("agentblueprint.octopoid.dev/implementer paused\n", (await TypeAsync("pause", "implementer")).Output);
        Assert.Equal("agentorchestrator.octopoid.dev/default paused\n", (await TypeAsync("pause")).Output);
        await TypeAsync("run", "x", "--name", "t");
        await UntilAsync(async () => (await TypeAsync("explain", "t")).Output.Contains("implementer is paused", StringComparison.Ordinal), "the task is told");
        Assert.Contains("The orchestrator is paused, so nothing starts: kubectl octopoid resume.", (await TypeAsync("status")).Output, StringComparison.Ordinal);
        await RefusesAsync("error: Task t has had no attempt yet: kubectl octopoid explain t tells why.", "logs", "t");

        Assert.Equal("agentorchestrator.octopoid.dev/default resumed\n", (await TypeAsync("resume")).Output);
        Assert.Contains("\"paused\": false", (await TypeAsync("resume", "implementer", "-o", "json")).Output, StringComparison.Ordinal);
        await UntilAsync(async () => (await TaskAsync("t")).Status?.Claim is not null, "the task has started");
    }

    [Fact]
    public async Task A_watched_status_goes_on_until_it_is_interrupted()
    {
        using var interrupt = CancellationTokenSource.CreateLinkedTokenSource(CancellationToken);
        interrupt.CancelAfter(TimeSpan.FromSeconds(5));

        var watched = await Terminal.TypeAsync("", [.. Cluster, "status", "--watch"], interrupt.Token);

        Assert.Equal((0, ""), (watched.ExitCode, watched.Error));
        Assert.InRange(watched.Output.Split('\n').Count(line => line.Contains("agents run", StringComparison.Ordinal)), 2, 4);
    }

    [Fact]
    public async Task Lines_are_completed_by_what_the_cluster_has()
    {
        await ApplyAsync(Blueprint(0), Flow("signed", null), Task("alpha", "flow: signed, prompt: p"), Task("beta", "prompt: p"));
        await UntilWaitsAsync("alpha");

        Assert.Equal("alpha\nbeta\n:4\n", (await CompletedAsync("explain", "")).Output);
        Assert.Equal("beta\n:4\n", (await CompletedAsync("cancel", "b")).Output);
        Assert.Equal("alpha\n:4\n", (await CompletedAsync("approve", "")).Output);
        Assert.Equal("implementer\n:4\n", (await CompletedAsync("scale", "")).Output);
        Assert.Equal("resume\nretry\n:4\n", (await CompletedAsync("re")).Output.Replace("reject\n", "", StringComparison.Ordinal));
        Assert.Equal("json\nname\nwide\nyaml\n:4\n", (await CompletedAsync("status", "-o", "")).Output);
        Assert.Equal(":4\n", (await Terminal.TypeAsync("", ["__complete", "--kubeconfig", "/nothing", "explain", ""], CancellationToken)).Output);

        Task<Terminal> CompletedAsync(params string[] words) => Terminal.TypeAsync("", ["__complete", .. Cluster, .. words], CancellationToken);
    }

    [Fact]
    public async Task The_callers_own_rights_are_what_counts()
    {
        var theirs = pool.Write("outsider", pool.Server.Kubeconfig(ControlPlane.OutsiderToken));
        await ApplyAsync(Blueprint(1));

        var refused = await Terminal.TypeAsync("", ["--kubeconfig", theirs, "-n", _namespace, "status"], CancellationToken);
        Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
        Assert.Contains("User \"outsider\" cannot list resource", refused.Error, StringComparison.Ordinal);

        await ApplyAsync("""
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: {name: reader}
            rules: [{apiGroups: [octopoid.dev], resources: ["*"], verbs: [get, list]}]
            """, """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: reader}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
            subjects: [{kind: User, name: outsider, apiGroup: rbac.authorization.k8s.io}]
            """);
        Terminal shown = null!;
        await UntilAsync(
            async () => (shown = await Terminal.TypeAsync("", ["--kubeconfig", theirs, "-n", _namespace, "status"], CancellationToken)).ExitCode == 0, "the role is in force");
        Assert.Contains("(or it cannot be read with your rights)", shown.Output, StringComparison.Ordinal);
        Assert.Contains("implementer", shown.Output, StringComparison.Ordinal);
        var write = await Terminal.TypeAsync("", ["--kubeconfig", theirs, "-n", _namespace, "scale", "implementer", "2"], CancellationToken);
        Assert.Contains("cannot patch resource \"agentblueprints\"", write.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_that_cannot_be_reached_is_said_not_to_be()
    {
        var gone = pool.Write("gone", pool.Server.Kubeconfig(ControlPlane.AdminToken, new Uri("https://127.0.0.1:1")));
        var broken = pool.Write("broken", "clusters: [}");
        var empty = pool.Write("empty", "");
        var untrusted = pool.Write("untrusted", "clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1', certificate-authority-data: bm9uZQ==}}]\n"
            + "users: [{name: u, user: {token: x}}]\ncontexts: [{name: c, context: {cluster: c, user: u}}]\ncurrent-context: c\n");

        await SaysAsync("error: There is no kubeconfig at /nothing/here: name one by --kubeconfig or KUBECONFIG.", "--kubeconfig", "/nothing/here");
        await SaysAsync("error: The kubeconfig cannot be used: ", "--kubeconfig", broken);
        await SaysAsync("error: The kubeconfig cannot be used: ", "--kubeconfig", untrusted);
        await SaysAsync($"error: The kubeconfig cannot be used: {empty} is empty.", "--kubeconfig", empty);
        await SaysAsync("error: The kubeconfig cannot be used: CurrentContext: nowhere", "--kubeconfig", pool.Server.KubeconfigPath, "--context", "nowhere");
        await SaysAsync("error: No answer from the API server: ", "--kubeconfig", gone);

        async Task SaysAsync(string sentence, params string[] options)
        {
            var said = await Terminal.TypeAsync("", [.. options, "status"], CancellationToken);
            Assert.Equal((1, ""), (said.ExitCode, said.Output));
            Assert.StartsWith(sentence, said.Error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("error: Unrecognized command or argument 'frobnicate'.", "frobnicate")]
    [InlineData("error: Required argument 'TASK' missing for command: 'explain'.", "explain")]
    [InlineData("error: INSTANCES is a whole number from 0 to 100000.", "scale", "x", "-1")]
    [InlineData("error: --output is one of wide, json, yaml and name.", "status", "-o", "xml")]
    [InlineData("error: --output is one of wide, json, yaml and name.", "status", "-o", "2")]
    [InlineData("error: Unknown option -A. A text that begins with a dash comes after --.", "cancel", "-A", "t")]
    [InlineData("error: Unknown option --dry-run. A text that begins with a dash comes after --.", "approve", "t", "--dry-run")]
    [InlineData("error: Unknown option --folow. A text that begins with a dash comes after --.", "run", "--folow")]
    [InlineData("error: TASK must not be \"\".", "explain", "")]
    [InlineData("error: TASK must not be \"..\".", "cancel", "t", "..")]
    [InlineData("error: --image must have 1 to 1024 characters.", "migrate", ".", "--image", "")]
    public async Task A_line_that_makes_no_sense_is_refused(string sentence, params string[] line)
    {
        var refused = await Terminal.TypeAsync("", line, CancellationToken);

        Assert.Equal(new Terminal(2, "", $"{sentence}\nSee 'kubectl octopoid --help'.\n"), refused);
    }

    [Fact]
    public async Task Help_names_every_command() => Picture.IsKept(
        (await Terminal.TypeAsync("", [], CancellationToken)).Output.Replace("Octopoid.Cli.Tests", "kubectl-octopoid", StringComparison.Ordinal));

    [Fact]
    public async Task Kubectl_finds_it_and_a_pipe_gets_no_colors()
    {
        var start = new ProcessStartInfo(Path.Combine(pool.Server.Binaries, "kubectl"), ["octopoid", "--kubeconfig", pool.Server.KubeconfigPath, "-n", _namespace, "status"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PATH"] = $"{AppContext.BaseDirectory}:{Environment.GetEnvironmentVariable("PATH")}";
        using var kubectl = Process.Start(start)!;
        var (output, error) = (await kubectl.StandardOutput.ReadToEndAsync(CancellationToken), await kubectl.StandardError.ReadToEndAsync(CancellationToken));
        await kubectl.WaitForExitAsync(CancellationToken);

        Assert.Equal((0, ""), (kubectl.ExitCode, error));
        Assert.Contains("agents run, 0 tasks wait", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', output);
    }

    [Fact]
    public async Task Version_tells_both()
    {
        await UntilAsync(async () => VersionPattern().IsMatch((await TypeAsync("version")).Output), "both versions are known");

        Assert.Single((await Terminal.TypeAsync("", ["version", "--client", "--kubeconfig", "/nothing"], CancellationToken)).Output.TrimEnd().Split('\n'));
    }

    [GeneratedRegex(@"^client: \d+\.\d+\.\d+\S*\noperator: \d+\.\d+\.\d+\S*\n$")]
    private static partial Regex VersionPattern();

    /// <summary>Ages and the hosts' names differ from run to run; widths follow them.</summary>
    [GeneratedRegex(@"\b\d+(m\d*)?s\b")]
    private static partial Regex AgePattern();

    [GeneratedRegex(" {2,}")]
    private static partial Regex GapPattern();

    private static string Blueprint(int maxInstances) =>
        $"{{apiVersion: octopoid.dev/v1alpha1, kind: AgentBlueprint, metadata: {{name: implementer}}, spec: {{image: agent, maxInstances: {maxInstances}, scripts: {{inline: {{run: exit 0}}}}}}}}";

    private static string Task(string name, string spec) => $"{{apiVersion: octopoid.dev/v1alpha1, kind: AgentTask, metadata: {{name: {name}}}, spec: {{{spec}}}}}";

    private static string Flow(string name, string? role) =>
        $"{{apiVersion: octopoid.dev/v1alpha1, kind: AgentFlow, metadata: {{name: {name}}}, spec: {{transitions: [{{from: incoming, "
        + $"{(role is null ? "to: done, conditions: [{name: sign-off, manual: true}]}" : $"to: claimed, agent: {role}}}, {{from: claimed, to: done}}")}]}}}}";

    private static void Succeeded((int Code, string Output) run) => Assert.True(run.Code == 0, run.Output);

    private string[] Cluster => ["--kubeconfig", pool.Server.KubeconfigPath, "-n", _namespace];

    private string Plain(string shown) => GapPattern().Replace(AgePattern().Replace(shown.Replace(_namespace, "NAMESPACE", StringComparison.Ordinal), "AGE"), "  ");

    private Task<Terminal> TypeAsync(params string[] words) => Terminal.TypeAsync("", [.. Cluster, .. words], CancellationToken);

    private async Task RefusesAsync(string sentence, params string[] words) =>
        Assert.Equal(new Terminal(1, "", sentence.Replace("NAMESPACE", _namespace, StringComparison.Ordinal) + "\n"), await TypeAsync(words));

    private Task<(int Code, string Output)> KubectlAsync(string? input, params string[] words) => pool.Server.KubectlAsync(input, CancellationToken, ["-n", _namespace, .. words]);

    private async Task ApplyAsync(params string[] objects) => Succeeded(await KubectlAsync("---\n" + string.Join("\n---\n", objects), "apply", "--validate=false", "-f", "-"));

    private async Task<AgentTask> TaskAsync(string name)
    {
        var answer = await pool.Server.GetAsync($"/apis/octopoid.dev/v1alpha1/namespaces/{_namespace}/agenttasks/{name}", CancellationToken);
        return JsonSerializer.Deserialize(answer.EnsureSuccess().Body, KindsJson.Default.AgentTask)!;
    }

    private async Task<bool> HasEachClaimItsJobAsync()
    {
        var (_, claims) = await KubectlAsync(null, "get", "agenttasks", "-o", "jsonpath={.items[*].status.claim.jobName}");
        var (_, jobs) = await KubectlAsync(null, "get", "jobs", "-o", "jsonpath={.items[*].metadata.name}");
        return claims.Split(' ', StringSplitOptions.RemoveEmptyEntries).All(jobs.Split(' ').Contains);
    }

    private Task UntilStateAsync(string name, string state) => UntilAsync(async () => (await TaskAsync(name)).Status?.State == state, $"{name} is {state}");

    private async Task UntilWaitsAsync(string name)
    {
        await UntilAsync(
            async () => (await pool.Server.GetAsync($"/apis/octopoid.dev/v1alpha1/namespaces/{_namespace}/agenttasks/{name}", CancellationToken)).Code == System.Net.HttpStatusCode.OK,
            $"{name} exists");
        await UntilAsync(
            async () => (await TaskAsync(name)).Status?.Conditions?.Any(condition => condition.Reason is Reasons.AwaitsDecision && condition.Status is ConditionStatus.False) == true,
            $"{name} waits for a person");
    }

    private async Task UntilAsync(Func<Task<bool>> condition, string what) =>
        await pool.Server.WaitUntilAsync(condition, $"not so in time: {what}\n{pool.OperatorLog()}", CancellationToken);

    /// <summary>An API server and the operator.</summary>
    public sealed class Pool : IAsyncLifetime
    {
        private readonly TemporaryFolder _folder = new("octopoid-plugin-");
        private OperatorProcess? _operator;

        public ControlPlane Server { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Server = await ControlPlane.StartAsync(CancellationToken);
            await Server.ApplyCrdsAsync(CancellationToken);
            Succeeded(await Server.KubectlAsync(
                "---\n{apiVersion: octopoid.dev/v1alpha1, kind: AgentOrchestrator, metadata: {name: default}, spec: {maxConcurrent: 9}}",
                CancellationToken, "apply", "--validate=false", "-f", "-"));
            _operator = OperatorProcess.Start(Server.KubeconfigPath, _folder.Combine("operator.log"), "operator", leaseSeconds: 15, namespaceName: "default");
        }

        public string OperatorLog() => _operator?.LastLines() ?? "";

        /// <summary>Writes a kubeconfig; answers its path.</summary>
        public string Write(string name, string kubeconfig)
        {
            File.WriteAllText(_folder.Combine(name), kubeconfig);
            return _folder.Combine(name);
        }

        public async ValueTask DisposeAsync()
        {
            await (_operator?.DisposeAsync() ?? ValueTask.CompletedTask);
            await (Server?.DisposeAsync() ?? ValueTask.CompletedTask);
            await _folder.DisposeAsync();
        }
    }
}
