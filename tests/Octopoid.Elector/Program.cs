using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Octopoid.Kubernetes.Leases;
using Octopoid.Kubernetes.Transport;

namespace Octopoid.Elector;

/// <summary>
/// One elector in a process of its own, to be stopped, continued and killed: <c>KUBECONFIG NAMESPACE IDENTITY LEASE-SECONDS JOURNAL</c>. Whenever it
/// counts itself leader, it writes a line to the journal: identity, epoch, and the monotonic clock just before and just after it looked.
/// </summary>
internal static class Program
{
    private static async Task Main(string[] args)
    {
        using var stop = new CancellationTokenSource();
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            stop.Cancel();
        });
        var services = new ServiceCollection()
            .AddLogging(logging => logging.AddSimpleConsole(console => console.SingleLine = true).SetMinimumLevel(LogLevel.Debug))
            .AddMetrics()
            .AddSingleton(TimeProvider.System)
            .AddSingleton(new Jitter(new Random()))
            .AddSingleton<FailureLog>()
            .AddSingleton<ApiMetrics>()
            .AddSingleton(ApiServerConfiguration.Kubeconfig(args[0]))
            .AddSingleton<ApiConnection>()
            .AddSingleton(new LeaderElectionOptions
            {
                Namespace = args[1],
                Name = "election",
                Identity = args[2],
                LeaseDuration = TimeSpan.FromSeconds(int.Parse(args[3], CultureInfo.InvariantCulture)),
            })
            .AddSingleton<LeaderElector>()
            .BuildServiceProvider();
        await using (services.ConfigureAwait(false))
        {
            await using var journal = new StreamWriter(args[4], append: true) { AutoFlush = true };
            await services.GetRequiredService<LeaderElector>().RunAsync(
                (leadership, token) => LeadAsync(leadership, args[2], journal, token), stop.Token);
        }
    }

    private static async Task LeadAsync(Leadership leadership, string identity, TextWriter journal, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var before = Stopwatch.GetTimestamp();
            if (leadership.IsHeld)
            {
                var after = Stopwatch.GetTimestamp();
                await journal.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"{identity} {leadership.Epoch} {before} {after}\n"));
            }

            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
