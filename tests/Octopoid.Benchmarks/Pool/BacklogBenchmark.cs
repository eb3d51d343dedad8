using System.Globalization;
using Octopoid.Testing;

namespace Octopoid.Benchmarks.Pool;

/// <summary>What a long queue costs: the same work with 100 tasks waiting and with 100,000, turn by turn, by an operator within the chart's default memory.</summary>
internal static class BacklogBenchmark
{
    private const int Few = 100;
    private const int Many = 100_000;
    private const int Slots = 5;
    private const int Rounds = 3;

    /// <summary>Each round has a new process: the first starts of each do not count, for the compiler is at work.</summary>
    private const int WarmUp = 40;
    private const int StartsEach = 100;
    private const int Edits = 10;
    private const int Events = 2_000;

    /// <summary>More than the rounds take: so many are made beside those that wait to the end.</summary>
    private const int Taken = Rounds * (WarmUp + StartsEach + (4 * Slots));

    private const double Mebi = 1024 * 1024;
    private const string FewNamespace = BenchedPool.BareNamespace;
    private const string ManyNamespace = BenchedPool.Namespace;

    private static readonly TimeSpan Work = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(30);

    public static async Task<IReadOnlyList<Result>> RunAsync(CancellationToken cancellationToken)
    {
        await using var pool = await BenchedPool.StartAsync(isAudited: true, cancellationToken);
        await pool.LimitAsync(0, cancellationToken);
        await pool.CreateBlueprintAsync(FewNamespace, cancellationToken);
        await pool.CreateBlueprintAsync(ManyNamespace, cancellationToken);

        var (few, many) = (new Side(pool, FewNamespace, Few + Taken), new Side(pool, ManyNamespace, Many + Taken));
        await few.FillAsync(cancellationToken);
        await many.FillAsync(cancellationToken);
        for (var round = 1; round <= Rounds; round++)
        {
            await few.RoundAsync(isLast: round == Rounds, cancellationToken);
            await many.RoundAsync(isLast: round == Rounds, cancellationToken);
        }

        var turnaround = many.Turnarounds.By(few.Turnarounds);
        return
        [
            new($"slot freed -> next Job, {Many} waiting by {Few}, p50", "<= 1.25 x", Text(few.Turnarounds.Median(), "ms"), Text(many.Turnarounds.Median(), "ms"), turnaround.Median(), turnaround.Median() <= 1.25)
            {
                Spread = turnaround.Spread(),
            },
            Compare("processor time of a task's change", many.Change, few.Change, "ms"),
            Compare("processor time of an edited blueprint", many.Edit, few.Edit, "ms"),
            Compare("processor time of 30 idle seconds", many.Idle, few.Idle, "ms"),
            Compare("requests in 30 idle seconds", many.IdleRequests, few.IdleRequests, ""),
            Compare("what its connections carry in them", many.IdleBytes / 1024, few.IdleBytes / 1024, "KiB"),
            Compare("from the process's start until it leads", many.Lead, few.Lead, "ms"),
            Compare("resident memory, at work", many.Resident / Mebi, few.Resident / Mebi, "MiB", 250),
            Compare("resident memory, most ever", many.PeakResident / Mebi, few.PeakResident / Mebi, "MiB", 512),
        ];

        static Result Compare(string what, double ours, double baseline, string unit, double? limit = null) =>
            new($"  {what}", limit is null ? "" : $"<= {limit} {unit}", Text(baseline, unit), Text(ours, unit), ours / baseline, limit is null ? null : ours <= limit);
    }

    private static string Text(double value, string unit) => string.Create(CultureInfo.InvariantCulture, $"{value:0.##} {unit}").Trim();

    private static IEnumerable<string> Names(int count) => Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"task-{i:000000}"));

    /// <summary>One of the two namespaces, and what was measured in it.</summary>
    private sealed class Side(BenchedPool pool, string namespaceName, int tasks)
    {
        /// <summary>Each round's median.</summary>
        public List<double> Turnarounds { get; } = [];

        public double Lead { get; private set; }

        public double Change { get; private set; }

        public double Edit { get; private set; }

        public double Idle { get; private set; }

        public double IdleRequests { get; private set; }

        public double IdleBytes { get; private set; }

        public double Resident { get; private set; }

        public double PeakResident { get; private set; }

        /// <summary>Makes its tasks.</summary>
        public Task FillAsync(CancellationToken cancellationToken) => pool.CreateTasksAsync(namespaceName, Names(tasks), cancellationToken);

        /// <summary>Has an operator serve it for a while.</summary>
        /// <param name="isLast">True when the rest is measured, too.</param>
        /// <param name="cancellationToken">Abandons it.</param>
        public async Task RoundAsync(bool isLast, CancellationToken cancellationToken)
        {
            var begin = JobTimeline.Now;
            await pool.StartOperatorAsync(namespaceName, cancellationToken);
            Lead = (JobTimeline.Now - begin).TotalMilliseconds;
            await using (var kubelet = await WatchingKubelet.StartAsync(
                pool.Server, namespaceName, BurstBenchmark.Done, _ => Task.Delay(Work, TimeProvider.System, cancellationToken), cancellationToken))
            {
                await using var timeline = await JobTimeline.StartAsync(pool, namespaceName, cancellationToken);
                timeline.Reset();
                await pool.LimitAsync(Slots, cancellationToken);
                await timeline.UntilStartedAsync(WarmUp + StartsEach, cancellationToken);
                await pool.LimitAsync(0, cancellationToken);
                await pool.UntilIdleAsync(cancellationToken);
                var (starts, ends) = timeline.Read();
                Turnarounds.Add(BurstBenchmark.Turnarounds([.. starts.Take(WarmUp + StartsEach)], ends, Slots).Skip(WarmUp).Median());
            }

            Resident = (await pool.CostAsync(cancellationToken)).ResidentBytes;
            if (isLast)
            {
                await MeasureRestAsync(cancellationToken);
            }

            PeakResident = (await pool.CostAsync(cancellationToken)).PeakResidentBytes;
            await pool.StopOperatorAsync(cancellationToken);
        }

        private async Task MeasureRestAsync(CancellationToken cancellationToken)
        {
            var since = pool.Server.Audit!.Position;
            var process = await pool.OperatorIdAsync(cancellationToken);
            var before = await ProcessCost.ConnectionBytesAsync(process, cancellationToken);
            Idle = await CpuAsync(() => Task.Delay(IdleTime, TimeProvider.System, cancellationToken), cancellationToken);
            IdleRequests = pool.Server.Audit.Requests(ControlPlane.OperatorUser, since).Count;
            IdleBytes = (await ProcessCost.ConnectionBytesAsync(process, cancellationToken)).Sum(connection => connection.Value - before.GetValueOrDefault(connection.Key));

            // The last ones of the queue wait still.
            var names = Names(tasks).TakeLast(50).ToList();
            Change = await CpuAsync(
                () => Parallel.ForEachAsync(
                    Enumerable.Range(0, Events),
                    new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellationToken },
                    async (i, token) => await pool.PatchAsync(
                        BenchedPool.Path(namespaceName, $"agenttasks/{names[i % names.Count]}"),
                        $$$"""{"spec":{"priority":"{{{(i / names.Count % 2 == 0 ? "P1" : "P2")}}}"}}""",
                        token)),
                cancellationToken) / Events;
            Edit = await CpuAsync(
                async () =>
                {
                    for (var i = 0; i < Edits; i++)
                    {
                        // More than a second apart, so that each has a report of its own.
                        await pool.PatchAsync(BenchedPool.Path(namespaceName, "agentblueprints/implementer"), $$$"""{"spec":{"maxInstances":{{{5_000 + i}}}}}""", cancellationToken);
                        await Task.Delay(TimeSpan.FromSeconds(1.2), TimeProvider.System, cancellationToken);
                    }
                },
                cancellationToken) / Edits;
        }

        /// <summary>The milliseconds of processor time that something costs the operator.</summary>
        private async Task<double> CpuAsync(Func<Task> act, CancellationToken cancellationToken)
        {
            var before = (await pool.CostAsync(cancellationToken)).CpuSeconds;
            await act();
            return ((await pool.CostAsync(cancellationToken)).CpuSeconds - before) * 1000;
        }
    }
}
