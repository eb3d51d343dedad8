using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Octopoid.Core.Kinds;
using Octopoid.Testing;
using Octopoid.Testing.Forges;

namespace Octopoid.Operator.Tests.Running;

/// <summary>Webhooks and the gate, on a real API server. The forges are polled once an hour here: what happens sooner, webhooks have brought about.</summary>
public sealed partial class WebhookPoolTests(SharedControlPlane fixture) : ForgeTest(fixture), IClassFixture<SharedControlPlane>
{
    private const string WebhookSecret = "the webhooks' secret";

    private readonly TemporaryFolder _secrets = new("octopoid-webhooks-");
    private readonly HttpClient _client = new();

    public static TheoryData<ForgeFormat> Formats => [.. Enum.GetValues<ForgeFormat>()];

    private string[] Environment => ["OCTOPOID_WEBHOOK_PORT=0", $"OCTOPOID_WEBHOOK_SECRETS={_secrets.Combine("keys")}"];

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Directory.CreateDirectory(_secrets.Combine("keys"));
        await File.WriteAllTextAsync(_secrets.Combine("keys/secret"), WebhookSecret, CancellationToken);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _secrets.DisposeAsync();
        _client.Dispose();
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task A_merge_that_a_webhook_tells_of_lets_the_next_start_at_once(ForgeFormat format)
    {
        await ApplyAsync(
            [Orchestrator(1), Secret(Token), Repository(format, 3600), Blueprint(maxInstances: 10), .. Names(4).Select(name => Task(name, ", repository: code"))]);
        await using var kubelet = FakeKubelet.Start(Server.KubeconfigPath, Namespace, job => Open(job, isRecorded: true));
        StartOperator(Server.OperatorKubeconfigPath, 3, Environment);
        var webhooks = await WebhooksAsync(OperatorLog);
        for (var number = 1; number <= 3; number++)
        {
            await UntilFullAsync(number);
            await MergeAsync(format, webhooks, number);
        }

        await UntilFullAsync(4);
        Assert.NotNull((await RepositoryAsync()).LastWebhookTime);
        Assert.DoesNotContain(WebhookSecret, OperatorLog(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whichever_replica_is_told_the_leader_counts()
    {
        await ApplyAsync([Orchestrator(1), Secret(Token), Repository(pollSeconds: 3600), Blueprint(maxInstances: 10), .. Names(2).Select(name => Task(name, ", repository: code"))]);
        await using var kubelet = FakeKubelet.Start(Server.KubeconfigPath, Namespace, job => Open(job, isRecorded: true));
        await using var leader = StartReplica("a", 3, environment: Environment);
        await UntilFullAsync(1, () => leader.LastLines(int.MaxValue));
        await using var other = StartReplica("b", 3, environment: Environment);
        var webhooks = await WebhooksAsync(() => other.LastLines(int.MaxValue));
        Assert.Equal("a", await HolderAsync());
        await MergeAsync(ForgeFormat.GitHub, webhooks, 1);
        Assert.Equal("a", await HolderAsync());
        await other.StopAsync(CancellationToken);
        await leader.StopAsync(CancellationToken);
    }

    /// <summary>Ten thousand within the minute: unsigned, forged, too large, too slow. Work goes on, and a good delivery among them is heard.</summary>
    [Fact]
    public async Task Ten_thousand_bad_deliveries_a_minute_disturb_nothing()
    {
        await ApplyAsync([Orchestrator(1), Secret(Token), Repository(pollSeconds: 3600), Blueprint(maxInstances: 10), .. Names(4).Select(name => Task(name, ", repository: code"))]);
        await using var kubelet = FakeKubelet.Start(Server.KubeconfigPath, Namespace, job => job.Metadata.Labels[Labels.Task].StartsWith('t') ? Open(job, isRecorded: true) : Done);
        StartOperator(Server.OperatorKubeconfigPath, 3, Environment);
        var webhooks = await WebhooksAsync(OperatorLog);
        await UntilFullAsync(1);
        var holder = await LeaseHolderAsync();

        var start = TimeProvider.System.GetTimestamp();
        var flood = FloodAsync(webhooks, 10_000);
        await CreateTasksAsync(Enumerable.Range(0, 20).Select(number => $"plain-{number}"));
        for (var number = 1; number <= 3; number++)
        {
            await MergeAsync(ForgeFormat.GitHub, webhooks, number);
            await UntilFullAsync(number + 1);
        }

        var refused = await flood;
        var took = TimeProvider.System.GetElapsedTime(start);
        WriteLine($"{refused.Values.Sum()} in {took.TotalSeconds:0} s: {string.Join(", ", refused.Select(entry => $"{entry.Value} {entry.Key}"))}");
        Assert.DoesNotContain(refused, entry => entry.Key is HttpStatusCode.OK or HttpStatusCode.Accepted);
        await UntilDoneAsync(20 + 3);

        // The lead was never lost, nothing has failed, and a line a minute told of it.
        Assert.Equal(holder, await LeaseHolderAsync());
        var lines = OperatorLog().Split('\n');
        Assert.DoesNotContain(lines, line => line.Contains("fail:", StringComparison.Ordinal) || line.Contains("crit:", StringComparison.Ordinal));
        var told = lines.Where(line => line.Contains("warn: Octopoid.Operator", StringComparison.Ordinal)).ToList();
        Assert.InRange(told.Count, 1, (int)took.TotalMinutes + 1);
        Assert.All(told, line => Assert.Contains("Webhooks were refused", line, StringComparison.Ordinal));
    }

    /// <summary>Whoever asks without end and fetches no answer fills what the server reads ahead: of hundreds of them it must stay little.</summary>
    [Fact]
    public async Task Hundreds_who_send_and_never_listen_cost_little_memory()
    {
        await ApplyAsync(Orchestrator(1), Secret(Token), Repository(pollSeconds: 3600));
        StartOperator(Server.OperatorKubeconfigPath, 3, Environment);
        var webhooks = await WebhooksAsync(OperatorLog);
        await UntilAsync(async () => (await RepositoryAsync()).Gate is not null, "it leads");
        var before = await ResidentAsync();
        var ask = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("GET / HTTP/1.1\r\nHost: h\r\n\r\n", 2000)));
        var sockets = Enumerable.Range(0, 400).Select(_ => new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 }).ToList();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(CancellationToken);
        end.CancelAfter(TimeSpan.FromSeconds(15));
        await Parallel.ForEachAsync(sockets, new ParallelOptions { MaxDegreeOfParallelism = sockets.Count, CancellationToken = CancellationToken }, async (socket, _) =>
        {
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, webhooks.Port, end.Token);
                while (true)
                {
                    await socket.SendAsync(ask, end.Token);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException)
            {
                // It takes no more, or has hung up.
            }
        });
        var grown = await ResidentAsync() - before;
        sockets.ForEach(socket => socket.Dispose());

        WriteLine($"resident memory of the operator: {before} MiB, and {grown} MiB for 400 of them");
        Assert.InRange(grown, 0, 150);
        Assert.Equal(HttpStatusCode.Accepted, await SendAsync(ForgeWebhooks.OfPullRequest(ForgeFormat.GitHub, webhooks, Code.FullName, WebhookSecret)));
    }

    private async Task<long> ResidentAsync()
    {
        var status = await File.ReadAllLinesAsync($"/proc/{await OperatorIdAsync()}/status", CancellationToken);
        return long.Parse(status.Single(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture) / 1024;
    }

    /// <summary>Sends what is refused, as fast as it is taken.</summary>
    /// <returns>How often each code was answered; 0: the connection was ended.</returns>
    private async Task<Dictionary<HttpStatusCode, int>> FloodAsync(Uri webhooks, int count)
    {
        var codes = new System.Collections.Concurrent.ConcurrentQueue<HttpStatusCode>();
        var large = new byte[600_000];
        var slow = count / 50;
        await System.Threading.Tasks.Task.WhenAll(
            Parallel.ForEachAsync(Enumerable.Range(0, count - slow), new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = CancellationToken }, async (number, _) =>
            {
                var format = (ForgeFormat)(number / 4 % 3);
                codes.Enqueue(await SendAsync((number % 4) switch
                {
                    0 => ForgeWebhooks.OfPullRequest(format, webhooks, Code.FullName, null),
                    1 => ForgeWebhooks.OfPullRequest(format, webhooks, Code.FullName, "a guess"),
                    2 => ForgeWebhooks.Create(format, webhooks, "{"u8.ToArray(), "pull_request", WebhookSecret),
                    _ when number % 20 == 3 => ForgeWebhooks.Create(format, webhooks, large, "pull_request", "a guess"),
                    _ => new HttpRequestMessage(HttpMethod.Post, new Uri(webhooks, "/admin")),
                }));
            }),
            Parallel.ForEachAsync(
                Enumerable.Range(0, slow), new ParallelOptions { MaxDegreeOfParallelism = slow, CancellationToken = CancellationToken }, async (_, _) => codes.Enqueue(await DawdleAsync(webhooks))));
        return codes.GroupBy(code => code).ToDictionary(group => group.Key, group => group.Count());
    }

    /// <summary>Begins a delivery and never ends it.</summary>
    private static async Task<HttpStatusCode> DawdleAsync(Uri webhooks)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, webhooks.Port, CancellationToken);
        try
        {
            await socket.GetStream().WriteAsync(
                "POST /webhooks/github HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nX-Hub-Signature-256: sha256=0\r\nContent-Length: 99\r\n\r\n{"u8.ToArray(), CancellationToken);
            using var reader = new StreamReader(socket.GetStream());
            return await reader.ReadLineAsync(CancellationToken) is { } line ? (HttpStatusCode)int.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture) : 0;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>Merges the pull request, which changes nothing yet, has the forge tell of it, and waits for the next Job.</summary>
    private async System.Threading.Tasks.Task MergeAsync(ForgeFormat format, Uri webhooks, int number)
    {
        Code.Merge(Code.PullRequests.Single(pull => pull.IsOpen).Number);
        await Pause(300);
        Assert.Equal(number, await RepositoryJobsAsync());

        var watch = Stopwatch.StartNew();
        await UntilAsync(
            async () => await SendAsync(ForgeWebhooks.OfPullRequest(format, webhooks, Code.FullName, WebhookSecret)) == HttpStatusCode.Accepted, "it is taken in: a replica that has begun to run knows no repository yet");
        while (await RepositoryJobsAsync() == number)
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), "The next Job has not come.");
            await Pause(10);
        }

        WriteLine($"{format}: from the webhook to the sight of the next Job {watch.ElapsedMilliseconds} ms");
    }

    private async Task<int> RepositoryJobsAsync() => (await NamesAsync("jobs")).Count(name => RepositoryTask().IsMatch(name));

    /// <summary>Waits until so many are opened, and the last one is counted: by a count that was begun two seconds after its agent's end, for until then
    /// it is taken to be about to open another.</summary>
    private async System.Threading.Tasks.Task UntilFullAsync(int opened, Func<string>? log = null)
    {
        await UntilAsync(
            async () =>
            {
                var ends = RepositoryTaskEnds().Matches((log ?? OperatorLog)()).Select(match => DateTimeOffset.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture)).ToList();
                return ends.Count == opened
                    && Forge.Requests.Any(request => request.Status is not null && request.Time >= ends[^1].AddSeconds(2))
                    && await RepositoryAsync() is { OpenPullRequests: 1, ReservedPullRequests: 0, Gate: GateState.Closed };
            },
            $"{opened} are opened, and the last of them is counted");
        Assert.Equal(opened, Opened.Count);
    }

    private async Task<string?> LeaseHolderAsync() => (string?)(await Server.GetAsync(
        $"/apis/coordination.k8s.io/v1/namespaces/{ControlPlane.OperatorNamespace}/leases/octopoid-operator", CancellationToken)).Json["spec"]?["holderIdentity"];

    private async Task<Uri> WebhooksAsync(Func<string> log)
    {
        Match match = Match.Empty;
        await UntilAsync(() => System.Threading.Tasks.Task.FromResult((match = TakesWebhooks().Match(log())).Success), "it takes webhooks");
        return new Uri($"http://127.0.0.1:{match.Groups[1].Value}");
    }

    private async Task<HttpStatusCode> SendAsync(HttpRequestMessage request)
    {
        try
        {
            using var answer = await _client.SendAsync(request, CancellationToken);
            return answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            // It hung up on what was too large to be read.
            return 0;
        }
    }

    [GeneratedRegex(@"Takes webhooks in at http://\S+?:(\d+)/")]
    private static partial Regex TakesWebhooks();

    [GeneratedRegex(@"(\S+) info: \S+ Task [^/]+/t[0-9]+: attempt 1 ended")]
    private static partial Regex RepositoryTaskEnds();

    [GeneratedRegex("^t[0-9]+-")]
    private static partial Regex RepositoryTask();
}
