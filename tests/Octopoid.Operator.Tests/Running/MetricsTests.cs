using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Octopoid.Testing;
using Octopoid.Testing.Forges;

namespace Octopoid.Operator.Tests.Running;

/// <summary>What Prometheus and a kubelet get from a running operator.</summary>
public sealed partial class MetricsTests(OwnControlPlane fixture) : PoolTest(fixture), IClassFixture<OwnControlPlane>
{
    private readonly HttpClient _http = new();
    private OperatorProcess? _leader;
    private Uri _address = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _leader = OperatorProcess.Start(
            Server.OperatorKubeconfigPath, WriteFile("leader.log", ""), "leader", 3, ControlPlane.OperatorNamespace,
            "OCTOPOID_LOG_FORMAT=json", "OCTOPOID_WEBHOOK_PORT=0", $"OCTOPOID_WEBHOOK_SECRETS={Path.GetDirectoryName(WriteFile("webhooks", "secret"))}");
        await UntilAsync(() => System.Threading.Tasks.Task.FromResult(Address().IsMatch(_leader.LastLines(int.MaxValue))), "it says where it serves");
        _address = new Uri(Address().Match(_leader.LastLines(int.MaxValue)).Value);
        await UntilAsync(async () => (await HolderAsync()) == "leader", "it leads");
    }

    public override async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _leader!.StopAsync(System.Threading.CancellationToken.None);
        await base.DisposeAsync();
        await _leader.DisposeAsync();
    }

    [Fact]
    public async Task The_pool_is_told_as_it_is()
    {
        var isRunning = true;
        await using var kubelet = FakeKubelet.Start(Server.KubeconfigPath, Namespace, _ => isRunning ? null : Done);
        await ApplyAsync([Blueprint(maxInstances: 2), .. Enumerable.Range(1, 5).Select(i => Task($"t{i}")), Task("held", ", suspend: true")]);
        await UntilAsync(async () => (await BlueprintAsync()).Status is { Instances: 2, Claimable: 3 }, "two run and three wait");

        await UntilAsync(async () => Value(await ScrapeAsync(), "octopoid_tasks_waiting", ("reason", "InstanceLimit")) == 3, "three are told to wait");
        var full = await ScrapeAsync();
        Assert.Equal(2, Value(full, "octopoid_slots_occupied", ("blueprint", "implementer")));
        Assert.Equal(2, Value(full, "octopoid_slots_limit", ("blueprint", "implementer")));
        Assert.Equal(1, Value(full, "octopoid_tasks_waiting", ("reason", "Suspended")));
        Assert.Equal(1, Value(full, "octopoid_blueprint_state", ("state", "AtCapacity"), ("reason", "InstanceLimit")));
        Assert.Equal((2, 5), (Value(full, "octopoid_cluster_slots_occupied"), Value(full, "octopoid_cluster_slots_limit")));
        Assert.Equal(1, Value(full, "octopoid_leader"));

        isRunning = false;
        await UntilDoneAsync(5);

        await UntilAsync(async () => Value(await ScrapeAsync(), "octopoid_slots_occupied", ("blueprint", "implementer")) == 0, "no slot is told to be in use");
        var idle = await ScrapeAsync();
        Assert.Equal(5, Value(idle, "octopoid_attempts_started_total"));
        Assert.Equal(5, Value(idle, "octopoid_attempts_ended_total", ("outcome", "done"), ("class", "")));
        Assert.Equal((5, 5, 3), (Value(idle, "octopoid_task_wait_seconds_count"), Value(idle, "octopoid_claim_to_job_seconds_count"), Value(idle, "octopoid_slot_turnaround_seconds_count")));
        Assert.Equal((0, 0), (Value(idle, "octopoid_ledger_drift_total"), Value(idle, "octopoid_claim_conflicts_total")));
        Assert.Null(Value(idle, "octopoid_tasks_waiting", ("reason", "InstanceLimit")));
        Assert.Equal(6, Value(idle, "octopoid_informer_objects", ("resource", "agenttasks.octopoid.dev")));
        Assert.True(Value(idle, "kubernetes_client_request_duration_seconds_count", ("verb", "create"), ("resource", "jobs"), ("code", "201")) >= 5);
    }

    [Fact]
    public async Task The_page_of_metrics_has_what_a_scrape_has_and_nothing_else()
    {
        await using var forge = await TestForge.StartAsync(TimeProvider.System);
        forge.AddToken("t0ken", label: "operator");
        forge.Add("acme", "widgets");
        await using var kubelet = FakeKubelet.Start(Server.KubeconfigPath, Namespace, _ => Done);
        await ApplyAsync(
            "{apiVersion: v1, kind: Secret, metadata: {name: forge}, stringData: {token: t0ken}}",
            "{apiVersion: octopoid.dev/v1alpha1, kind: AgentRepository, metadata: {name: code}, spec: {url: 'https://forge.invalid/acme/widgets', provider: github, "
            + $"apiUrl: '{forge.ApiRoot}', apiSecretName: forge, pullRequests: {{maxOpen: 5, pollSeconds: 1, staleAfterSeconds: 60}}}}}}",
            Blueprint(maxInstances: 1),
            Task("first"),
            Task("second"),
            Task("held", ", suspend: true"));
        var webhooks = new Uri($"http://127.0.0.1:{TakesWebhooks().Match(_leader!.LastLines(int.MaxValue)).Groups[1].Value}");
        using var unsigned = await _http.SendAsync(ForgeWebhooks.OfPullRequest(ForgeFormat.GitHub, webhooks, "acme/widgets", null), CancellationToken);
        await UntilDoneAsync(2);

        // A slot that is used at once, a count, and Events: each takes its time.
        IReadOnlySet<string> scraped = new HashSet<string>();
        await UntilAsync(
            async () =>
            {
                scraped = (await ScrapeAsync()).Select(sample => sample.Name).ToHashSet();
                return MetricsPage.Names.IsSubsetOf(scraped);
            },
            () => $"the scrape has all; not yet: {string.Join(", ", MetricsPage.Names.Except(scraped))}");
        Assert.Empty(scraped.Where(name => name.StartsWith("octopoid_", StringComparison.Ordinal) && !name.EndsWith("_sum", StringComparison.Ordinal) && !name.EndsWith("_count", StringComparison.Ordinal))
            .Except(MetricsPage.Names));
    }

    [Fact]
    public async Task A_real_Prometheus_reads_what_the_page_promises()
    {
        await ApplyAsync(Blueprint(maxInstances: 2), Task("held", ", suspend: true"));
        await using var prometheus = Prometheus.Start(_address);

        await UntilAsync(async () => (await prometheus.QueryAsync("""octopoid_tasks_waiting{reason="Suspended"}""", CancellationToken)).Contains(1), () => $"it has scraped the pool\n{prometheus.LastLines()}");
        Assert.Equal([1.0], await prometheus.QueryAsync("up", CancellationToken));
        var scraped = (await ScrapeAsync()).Select(sample => sample.Name).Where(name => name.StartsWith("octopoid_", StringComparison.Ordinal)).ToHashSet();
        Assert.Empty(scraped.Except(await prometheus.NamesAsync(CancellationToken)));

        var (code, output) = await Prometheus.RunToolAsync(await _http.GetStringAsync(new Uri(_address, "metrics"), CancellationToken), CancellationToken, "check", "metrics");
        Assert.DoesNotContain("octopoid_", output, StringComparison.Ordinal);
        Assert.True(code is 0 or 3, output);
    }

    [Fact]
    public async Task Readiness_names_each_watch_and_health_is_well()
    {
        await UntilAsync(async () => (await _http.GetAsync(new Uri(_address, "readyz"), CancellationToken)).StatusCode == HttpStatusCode.OK, "it is ready");

        var page = await _http.GetStringAsync(new Uri(_address, "readyz"), CancellationToken);
        Assert.Equal(7, page.Split('\n').Count(line => line.StartsWith("[+]", StringComparison.Ordinal) && line.Contains("watched, ", StringComparison.Ordinal)));
        Assert.EndsWith("[+]leads\n", page, StringComparison.Ordinal);
        Assert.Equal("ok\n", await _http.GetStringAsync(new Uri(_address, "healthz"), CancellationToken));
    }

    [Fact]
    public async Task Who_leads_no_more_says_nothing_of_the_pool()
    {
        await ApplyAsync(Blueprint(maxInstances: 2));
        await UntilAsync(async () => Value(await ScrapeAsync(), "octopoid_slots_limit", ("blueprint", "implementer")) == 2, "the pool is told");

        await PatchLeaseAsync("""{"spec":{"holderIdentity":"another","leaseDurationSeconds":3600,"leaseTransitions":1000}}""");
        await UntilAsync(async () => Value(await ScrapeAsync(), "octopoid_leader") == 0, "it leads no more");
        await UntilAsync(async () => Value(await ScrapeAsync(), "octopoid_slots_limit") is null, "the pool is told no more");
        Assert.Null(Value(await ScrapeAsync(), "octopoid_cluster_slots_limit"));
        Assert.Equal("ok\n", await _http.GetStringAsync(new Uri(_address, "healthz"), CancellationToken));

        await PatchLeaseAsync("""{"spec":{"holderIdentity":"","leaseDurationSeconds":1}}""");
        await UntilAsync(async () => Value(await ScrapeAsync(), "octopoid_slots_limit", ("blueprint", "implementer")) == 2, "the pool is told again");
    }

    [Fact]
    public async Task Each_line_of_the_log_is_an_object()
    {
        await _leader!.StopAsync(CancellationToken);

        var lines = _leader.LastLines(int.MaxValue).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains(lines, line => line.Contains("leads", StringComparison.Ordinal));
        Assert.All(lines, line =>
        {
            using var entry = JsonDocument.Parse(line);
            Assert.Equal(["Timestamp", "LogLevel", "Message"], new[] { "Timestamp", "LogLevel", "Message" }.Where(name => entry.RootElement.TryGetProperty(name, out _)));
        });
    }

    private async System.Threading.Tasks.Task PatchLeaseAsync(string patch) => (await Server.SendAsync(
        HttpMethod.Patch,
        $"/apis/coordination.k8s.io/v1/namespaces/{ControlPlane.OperatorNamespace}/leases/octopoid-operator",
        patch,
        "application/merge-patch+json",
        CancellationToken)).EnsureSuccess();

    [GeneratedRegex(@"Takes webhooks in at http://[^ ]+?:(\d+)/")]
    private static partial Regex TakesWebhooks();

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+/?")]
    private static partial Regex Address();

    private async Task<IReadOnlyList<Sample>> ScrapeAsync() =>
        [.. (await _http.GetStringAsync(new Uri(_address, "metrics"), CancellationToken)).Split('\n')
            .Where(line => line.Length > 0 && line[0] != '#').Select(Sample.Parse)];

    /// <summary>The sum of the samples of a name with these labels, those of other namespaces left out; null when there is none.</summary>
    private double? Value(IReadOnlyList<Sample> samples, string name, params (string Name, string Value)[] labels)
    {
        var found = samples.Where(sample => sample.Name == name
            && (!sample.Labels.TryGetValue("namespace", out var where) || where == Namespace || where.Length == 0)
            && labels.All(label => sample.Labels.GetValueOrDefault(label.Name) == label.Value)).ToList();
        return found.Count == 0 ? null : found.Sum(sample => sample.Value);
    }

    /// <summary>One line of a scrape.</summary>
    private sealed record Sample(string Name, IReadOnlyDictionary<string, string> Labels, double Value)
    {
        public static Sample Parse(string line)
        {
            var open = line.IndexOf('{', StringComparison.Ordinal);
            var close = line.LastIndexOf('}');
            var labels = open < 0 ? [] : line[(open + 1)..close].Split(',', StringSplitOptions.RemoveEmptyEntries)
                .Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1].Trim('"'));
            var rest = open < 0 ? line.Split(' ') : [line[..open], .. line[(close + 2)..].Split(' ')];
            return new Sample(rest[0], labels, double.Parse(rest[1], CultureInfo.InvariantCulture));
        }
    }
}
