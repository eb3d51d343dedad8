using Octopoid.Core.State;
using Octopoid.Kubernetes.Leases;
using Octopoid.Kubernetes.Writing;
using Octopoid.Operator.Effects;
using Octopoid.Operator.Forge;
using Octopoid.Operator.Hosting;
using Octopoid.Operator.Loop;
using Octopoid.Operator.Status;
using Octopoid.Simulation.Tests.Server;

namespace Octopoid.Simulation.Tests.Processes;

/// <summary>
/// One term, as <see cref="Term"/> runs it: lists begun after the Lease was won, the feed, the orchestrator, then the loop; each part new. Only the
/// threads are replaced: the loop runs when something was posted or is due, and effects begin a moment after they were decided on.
/// </summary>
internal sealed class TermRun
{
    /// <summary>Much shorter than it is: what an audit must never find, it is to be asked for often.</summary>
    private static readonly TimeSpan AuditInterval = TimeSpan.FromSeconds(40);

    private readonly OperatorProcess _process;
    private readonly CancellationToken _token;
    private readonly Inbox _inbox;
    private readonly EffectPool _effects;
    private readonly OrchestratorBootstrap _bootstrap;
    private IDisposable? _feed;
    private bool _isRunning;
    private bool _isAwake;
    private int _alarm;

    public TermRun(OperatorProcess process, Leadership leadership)
    {
        (_process, _token) = (process, leadership.Lost);
        var (time, watches, retries) = (process.Time, process.Watches, process.Retries);
        _inbox = new Inbox(time);
        var transport = new FencedTransport(new SimulatedTransport(process, SimulatedTransport.DefaultTimeout), leadership);
        var tasks = new TaskClient(transport, watches);
        var scripts = new ScriptsStore(transport);
        var metrics = Unused.Attempts(time);
        _effects = new EffectPool(
            new ClaimTask(tasks, retries, metrics, _inbox, process.Identity, Unused.Log<ClaimTask>()),
            new CreateJob(
                transport, tasks, scripts, watches, retries, Unused.Events, metrics, _inbox, Unused.Log<CreateJob>()),
            new FinishAttempt(tasks, scripts, retries, Unused.Events, metrics, _inbox, time, Unused.Log<FinishAttempt>()),
            new InspectAttempt(transport, watches, retries, _inbox),
            new SettleTask(tasks, watches, retries, Unused.Events, _inbox, time, Unused.Log<SettleTask>()),
            new DeleteJob(transport, retries, Unused.Log<DeleteJob>()),
            new RemoveObject(transport, retries, Unused.Log<RemoveObject>()),
            new CountPullRequests(process.Forge, _inbox, process.Failures, Unused.Log<CountPullRequests>()),
            Unused.Events);
        var writer = new StatusWriter(transport, time, process.Failures, Unused.Log<StatusWriter>());
        Loop = new AdmissionLoop(
            _inbox,
            _effects,
            new StatusReporter(writer, watches, Unused.Gates, Unused.Pool, metrics, process.Identity),
            Unused.Drift(process.Simulation.Referee.SeeDrift),
            Unused.Blueprints,
            metrics,
            new LoopPulse(time),
            time);
        _bootstrap = new OrchestratorBootstrap(
            transport, watches, retries, new OperatorOptions(), Unused.Log<OrchestratorBootstrap>());
    }

    public AdmissionLoop Loop { get; }

    /// <summary>When it knew all that is; before, never.</summary>
    public TimeSpan KnowsSince { get; private set; } = TimeSpan.MaxValue;

    public void Start()
    {
        var missing = _process.Feeds.Count;
        foreach (var feed in _process.Feeds)
        {
            feed.List(() =>
            {
                if (--missing == 0 && !_token.IsCancellationRequested)
                {
                    _feed = _process.Watches.Register(_inbox);
                    KnowsSince = _process.Simulation.World.Now;
                    _ = BeginAsync();
                }
            });
        }
    }

    /// <summary>Ends it: nothing of it is left but what it has sent.</summary>
    public void End()
    {
        _isRunning = false;
        _feed?.Dispose();
    }

    public void Wake()
    {
        if (_isRunning && !_isAwake)
        {
            _isAwake = true;
            _process.After(_process.Chance.Span(0, 0.002), RunCycle);
        }
    }

    private async Task BeginAsync()
    {
        await CarryOutAsync(_bootstrap.EnsureAsync(_token)).ConfigureAwait(false);
        _isRunning = !_token.IsCancellationRequested;
        Wake();
        _process.After(AuditInterval, Audit);
    }

    /// <summary>Does what <see cref="SelfAudit"/> does, more often.</summary>
    private void Audit()
    {
        if (!_isRunning)
        {
            return;
        }

        WatchFeed[] feeds = [.. _process.Feeds.Where(feed => feed.Resource is Resources.Tasks or Resources.Jobs or Resources.Pods)];
        var missing = feeds.Length;
        foreach (var feed in feeds)
        {
            feed.List(() =>
            {
                if (--missing == 0 && _isRunning)
                {
                    _inbox.Post(new Fact.AuditDue());
                    _process.After(AuditInterval, Audit);
                }
            });
        }
    }

    private void RunCycle()
    {
        _isAwake = false;
        if (!_isRunning)
        {
            return;
        }

        foreach (var decision in Loop.Cycle())
        {
            _process.Simulation.SeeDecision(_process, decision);
            _process.After(_process.Chance.Span(0, 0.01), () =>
            {
                // What the channel still holds when a term ends is not carried out.
                if (_isRunning)
                {
                    _ = CarryOutAsync(_effects.CarryOutAsync(decision, _token));
                    Wake();
                }
            });
        }

        var alarm = ++_alarm;
        if (Loop.NextDue is { } due)
        {
            _process.After(due - _process.Time.GetUtcNow(), () =>
            {
                if (alarm == _alarm)
                {
                    Wake();
                }
            });
        }
    }

    /// <summary>What fails but by the term's end would end the process.</summary>
    private async Task CarryOutAsync(Task effect)
    {
        try
        {
            await effect.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_token.IsCancellationRequested)
        {
            // The next leader finds what landed.
        }
        catch (Exception e)
        {
            _process.Simulation.World.Violate("no effect fails", $"{_process.Name}: {e}");
        }
    }
}
