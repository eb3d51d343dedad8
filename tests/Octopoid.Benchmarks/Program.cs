using System.CommandLine;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Octopoid.Benchmarks;
using Octopoid.Benchmarks.Library;
using Octopoid.Benchmarks.Pool;

var benchmarks = new Dictionary<string, Func<CancellationToken, Task<IReadOnlyList<Result>>>>
{
    ["decode"] = DecodeBenchmark.RunAsync,
    ["heap"] = HeapBenchmark.RunAsync,
    ["list"] = ListBenchmark.RunAsync,
    ["start"] = StartBenchmark.RunAsync,
    ["latency"] = LatencyBenchmark.RunAsync,
    ["burst"] = BurstBenchmark.RunAsync,
    ["restart"] = RestartBenchmark.RunAsync,
    ["backlog"] = BacklogBenchmark.RunAsync,
};

// Not one of "all": it takes as long as it is told to.
const string Soak = "soak";
var names = new Argument<string[]>("name") { Description = "Which benchmarks to run; all unless said.", Arity = ArgumentArity.ZeroOrMore };
names.AcceptOnlyFromAmong([.. benchmarks.Keys, Soak]);
var json = new Option<FileInfo?>("--json") { Description = "A file to write the results to, as JSON." };
var minutes = new Option<double>("--minutes") { Description = "How long the soak takes.", DefaultValueFactory = _ => 60 };
var seed = new Option<int>("--seed") { Description = "What happens in the soak.", DefaultValueFactory = _ => 1 };
var command = new RootCommand("Measures what should be fast and small.") { names, json, minutes, seed };
command.SetAction(async (parsed, cancellationToken) =>
{
    var report = Report.Begin(TimeProvider.System);
    Console.WriteLine(report.Machine);
    Console.WriteLine(Result.Heading);
    var wanted = parsed.GetValue(names) is { Length: > 0 } some ? some : [.. benchmarks.Keys];
    foreach (var name in wanted)
    {
        foreach (var result in name == Soak
            ? await SoakBenchmark.RunAsync(TimeSpan.FromMinutes(parsed.GetValue(minutes)), parsed.GetValue(seed), cancellationToken)
            : await benchmarks[name](cancellationToken))
        {
            Console.WriteLine(result);
            report.Results.Add(result);
        }
    }

    if (parsed.GetValue(json) is { } file)
    {
        await report.WriteAsync(file.FullName, cancellationToken);
    }
});

// Those of single operations: BenchmarkDotNet's own tables.
var micro = new Command("micro", "Measures single operations: admission, ledger, queue, decoder.");
micro.SetAction(_ => BenchmarkRunner.Run(
    typeof(Report).Assembly,
    DefaultConfig.Instance.AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance)).WithArtifactsPath(Path.Combine(Path.GetTempPath(), "octopoid-bench"))));
command.Subcommands.Add(micro);
return await command.Parse(args).InvokeAsync();
