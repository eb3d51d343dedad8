using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Octopoid.Kubernetes.Leases;
using Octopoid.Testing;

namespace Octopoid.Kubernetes.Tests.Leases;

/// <summary>An elector in a test, which notes when it leads.</summary>
internal sealed class Candidate : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TestConnection _connection;
    private readonly Beliefs _beliefs;
    private readonly Task _run;
    private readonly TimeSpan _farewell;
    private readonly string _name;

    public Candidate(LeaseServer server, string name, TimeProvider time, Beliefs beliefs, TimeSpan farewell = default, ILogger<LeaderElector>? logger = null)
    {
        _name = name;
        _beliefs = beliefs;
        _farewell = farewell;
        _connection = new TestConnection(server.AddressOf(name), time, name.Sum(letter => letter));
        var options = new LeaderElectionOptions { Namespace = "n", Name = "l", Identity = name };
        Elector = _connection.Elector(options, logger);
        _run = Elector.RunAsync(LeadAsync, _stop.Token);
    }

    public LeaderElector Elector { get; }

    /// <summary>The term under way; null between terms.</summary>
    public Leadership? Leadership { get; private set; }

    public Task StopAsync()
    {
        _stop.Cancel();
        return _run;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _connection.Dispose();
        _stop.Dispose();
    }

    private async Task LeadAsync(Leadership leadership, CancellationToken cancellationToken)
    {
        Leadership = leadership;
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                Note(leadership);
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, cancellationToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            await Task.Delay(_farewell, _connection.Time, CancellationToken.None);
            Note(leadership);
        }
        finally
        {
            Leadership = null;
        }
    }

    private void Note(Leadership leadership)
    {
        var before = Stopwatch.GetTimestamp();
        if (leadership.IsHeld)
        {
            _beliefs.Add(_name, leadership.Epoch, before, Stopwatch.GetTimestamp());
        }
    }
}
