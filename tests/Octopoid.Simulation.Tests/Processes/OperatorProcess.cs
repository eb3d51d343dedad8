using Octopoid.Kubernetes.Leases;
using Octopoid.Kubernetes.Transport;
using Octopoid.Operator.Effects;
using Octopoid.Operator.Forge;
using Octopoid.Operator.Hosting;
using Octopoid.Operator.Watch;
using Octopoid.Simulation.Tests.Engine;
using Octopoid.Simulation.Tests.Forges;

namespace Octopoid.Simulation.Tests.Processes;

/// <summary>One operator process: real parts on a simulated clock and network. It may be stopped for a while, and may die.</summary>
internal sealed class OperatorProcess
{
    private readonly List<Action> _waiting = [];

    public OperatorProcess(Simulation simulation, string name, TimeSpan clockOffset)
    {
        (Simulation, Name) = (simulation, name);
        Time = new SimulatedTime(simulation.World, After) { Offset = clockOffset };
        Chance = simulation.World.Chance(name);
        Jitter = new Jitter(simulation.World.Chance("jitter of " + name).Random);
        Failures = new FailureLog(Time);
        Identity = new OperatorIdentity(name, "simulated");
        Retries = new Retries(Jitter, Time, Failures, Unused.Log<Retries>());
        Watches = Unused.Watches(Time, Jitter, Failures);
        Feeds = WatchFeeds.Of(this);
        Election = new Election(this);
        Forge = new ForgeClient(this);
    }

    public Simulation Simulation { get; }

    /// <summary>Who it is: no two share a name.</summary>
    public string Name { get; }

    public SimulatedTime Time { get; }

    public Chance Chance { get; }

    public Jitter Jitter { get; }

    public FailureLog Failures { get; }

    public OperatorIdentity Identity { get; }

    public Retries Retries { get; }

    public Watches Watches { get; }

    public IReadOnlyList<WatchFeed> Feeds { get; }

    public Election Election { get; }

    public IForge Forge { get; }

    /// <summary>What it does as the leader; null while it is not.</summary>
    public TermRun? Term { get; private set; }

    public bool IsDead { get; private set; }

    public bool IsPaused { get; private set; }

    public void Start()
    {
        foreach (var feed in Feeds)
        {
            feed.List(null);
        }

        Election.Start();
    }

    /// <summary>Has something happen in this process: when it is stopped, once it goes on; when it is dead, never.</summary>
    public void After(TimeSpan delay, Action action) => Simulation.World.After(delay, () => Enter(action));

    public void Pause() => IsPaused = true;

    public void Resume()
    {
        IsPaused = false;
        foreach (var action in _waiting)
        {
            After(TimeSpan.Zero, action);
        }

        _waiting.Clear();
    }

    /// <summary>Dies without a word. What it has sent may still arrive.</summary>
    public void Die()
    {
        IsDead = true;
        Term?.End();
        Term = null;
        foreach (var feed in Feeds)
        {
            feed.Stop();
        }
    }

    /// <summary>Begins a term, unless it is over already.</summary>
    public Leadership Lead(long epoch, long renewedAt, LeaderElectionOptions options)
    {
        var leadership = new Leadership(epoch, renewedAt, options, Time);
        if (leadership.IsHeld)
        {
            Simulation.World.Note($"{Name} leads, epoch {epoch}");
            var term = Term = new TermRun(this, leadership);
            leadership.Lost.UnsafeRegister(
                _ =>
                {
                    Simulation.World.Note($"{Name} leads no more");
                    term.End();
                    Term = Term == term ? null : Term;
                },
                null);
            term.Start();
        }

        return leadership;
    }

    /// <summary>Has the loop look at what has come.</summary>
    public void Wake() => Term?.Wake();

    private void Enter(Action action)
    {
        if (IsDead)
        {
            return;
        }

        if (IsPaused)
        {
            _waiting.Add(action);
            return;
        }

        try
        {
            action();
        }
        catch (Exception e)
        {
            Simulation.World.Violate("no part of a process fails", $"{Name}: {e}");
        }
    }
}
