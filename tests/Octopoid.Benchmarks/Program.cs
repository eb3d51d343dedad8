using System.Runtime;
using Octopoid.Benchmarks;
using Octopoid.Benchmarks.Library;
using Octopoid.Benchmarks.Pool;

// Without a name, all of them: dotnet run -c Release --project tests/Octopoid.Benchmarks -- [NAME...]
var benchmarks = new Dictionary<string, Func<CancellationToken, Task<IReadOnlyList<Result>>>>
{
    ["decode"] = DecodeBenchmark.RunAsync,
    ["heap"] = HeapBenchmark.RunAsync,
    ["list"] = ListBenchmark.RunAsync,
    ["start"] = StartBenchmark.RunAsync,
    ["latency"] = LatencyBenchmark.RunAsync,
    ["burst"] = BurstBenchmark.RunAsync,
};
if (args.FirstOrDefault(name => !benchmarks.ContainsKey(name)) is { } unknown)
{
    await Console.Error.WriteLineAsync($"There is no benchmark {unknown}, only {string.Join(", ", benchmarks.Keys)}.");
    return 2;
}

Console.WriteLine($"{Environment.ProcessorCount} cores, .NET {Environment.Version}, server GC {GCSettings.IsServerGC}");
Console.WriteLine(Result.Heading);
foreach (var (_, run) in benchmarks.Where(benchmark => args.Length == 0 || args.Contains(benchmark.Key)))
{
    foreach (var result in await run(CancellationToken.None))
    {
        Console.WriteLine(result);
    }
}

return 0;
