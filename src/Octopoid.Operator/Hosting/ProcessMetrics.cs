using System.Diagnostics.Metrics;
using Octopoid.Operator.Loop;
using Octopoid.Operator.Watch;

namespace Octopoid.Operator.Hosting;

/// <summary>What every process tells of itself, leader or not: its version, whether it leads, and how its watches stand.</summary>
internal static class ProcessMetrics
{
    /// <summary>Serves them.</summary>
    public static void Map(IServiceProvider services)
    {
        var (leader, watches) = (services.GetRequiredService<Leader>(), services.GetRequiredService<Watches>());
        var identity = services.GetRequiredService<OperatorIdentity>();
        var meter = services.GetRequiredService<IMeterFactory>().Create("octopoid");
        meter.CreateObservableGauge("octopoid.leader", () => leader.Leadership is { IsHeld: true } ? 1 : 0, description: "1 while this process leads, else 0.");
        meter.CreateObservableGauge(
            "octopoid.build.info", () => new Measurement<int>(1, new KeyValuePair<string, object?>("version", identity.Version)), description: "1, with the program's version.");
        OfWatches("octopoid.informer.synced", null, "1 once the resource's first whole list has come.", watch => watch.IsSynced ? 1 : 0);
        OfWatches("octopoid.informer.objects", "{object}", "Objects that are known of the resource.", watch => watch.Objects);
        OfWatches("octopoid.informer.age", "s", "Time since the API server last said anything of the resource: a list, an event, a bookmark.", watch => watch.Silence?.TotalSeconds);

        void OfWatches(string name, string? unit, string description, Func<WatchHealth, double?> read) => meter.CreateObservableGauge(
            name,
            () => watches.Health().Where(watch => read(watch) is not null).Select(watch => new Measurement<double>(
                read(watch)!.Value, new("resource", watch.Resource.ToString()), new("namespace", watch.Namespace ?? ""))),
            unit,
            description);
    }
}
