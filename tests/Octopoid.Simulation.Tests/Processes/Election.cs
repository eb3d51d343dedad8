using Octopoid.Kubernetes.Leases;
using Octopoid.Simulation.Tests.Engine;
using Octopoid.Simulation.Tests.Server;

namespace Octopoid.Simulation.Tests.Processes;

/// <summary>
/// Stands for election as the real elector does: a holder counts from the start of its last good renewal, the others from the moment at which
/// they have seen it. One request at a time; each ends in time or is given up.
/// </summary>
internal sealed class Election(OperatorProcess process)
{
    private static readonly LeaderElectionOptions Options = new() { Namespace = "none", Name = "none", Identity = "none" };

    private readonly Simulation _simulation = process.Simulation;
    private readonly Chance _chance = process.Simulation.World.Chance("election of " + process.Name);
    private LeaseRecord? _seen;
    private TimeSpan _seenAt;
    private Leadership? _leadership;
    private int _step;

    public bool IsLeading => _leadership?.IsHeld == true;

    /// <summary>True once it is told to stop.</summary>
    public bool IsStopping { get; private set; }

    /// <summary>The writes that were sent and are awaited; while there are any, the Lease is not given up.</summary>
    public int WritesUnderWay
    {
        get;
        set
        {
            field = value;
            if (value == 0 && IsStopping)
            {
                GiveUp();
            }
        }
    }

    public void Start() => Step();

    /// <summary>Gives the Lease up: from now on nobody acts as the leader here.</summary>
    public void Release()
    {
        IsStopping = true;
        _leadership?.Lose();
        if (WritesUnderWay == 0)
        {
            GiveUp();
        }
    }

    private void GiveUp()
    {
        if (_leadership is { } held)
        {
            _leadership = null;
            Ask(
                () => _simulation.Lease = _simulation.Lease.Holder == process.Name && _simulation.Lease.Epoch == held.Epoch
                    ? _simulation.Lease with { Holder = "", Version = _simulation.Lease.Version + 1 }
                    : _simulation.Lease,
                _ => { });
        }
    }

    private void Step()
    {
        if (IsStopping)
        {
            return;
        }

        if (_leadership is { IsHeld: true } held)
        {
            Renew(held);
        }
        else
        {
            _leadership?.Lose();
            _leadership = null;
            Stand();
        }
    }

    private void Renew(Leadership held)
    {
        var sentAt = process.Time.GetTimestamp();
        Ask(
            () => _simulation.Lease is { } lease && lease.Holder == process.Name && lease.Epoch == held.Epoch
                ? _simulation.Lease = lease with { Version = lease.Version + 1 }
                : null,
            renewed =>
            {
                if (renewed is null)
                {
                    held.Lose();
                }
                else
                {
                    held.Renew(sentAt);
                }
            });
    }

    private void Stand() => Ask(() => _simulation.Lease, lease =>
    {
        if (lease != _seen)
        {
            (_seen, _seenAt) = (lease, _simulation.World.Now);
        }

        var isFree = lease!.Holder is "" || lease.Holder == process.Name || _simulation.World.Now - _seenAt >= Options.LeaseDuration;
        if (isFree)
        {
            Acquire(lease);
        }
    });

    private void Acquire(LeaseRecord known)
    {
        var sentAt = process.Time.GetTimestamp();
        Ask(
            () => _simulation.Lease == known ? _simulation.Lease = new LeaseRecord(process.Name, known.Epoch + 1, known.Version + 1) : null,
            won =>
            {
                if (won is not null && !IsStopping)
                {
                    (_seen, _seenAt) = (won, _simulation.World.Now);
                    _leadership = process.Lead(won.Epoch, sentAt, Options);
                }
            });
    }

    /// <summary>Sends a request. Whatever becomes of it, the next step follows after a pause.</summary>
    private void Ask(Func<LeaseRecord?> act, Action<LeaseRecord?> take)
    {
        var fate = _simulation.Network.Draw(_chance, "PATCH", "leases");
        var isInTime = fate.Arrival + fate.Work < Options.RequestTimeout;
        var isAnswered = fate.Kind == FateKind.Answered && isInTime && fate.Arrival + fate.Work + fate.Return < Options.RequestTimeout;
        _simulation.World.After(fate.Arrival + fate.Work, () =>
        {
            if (!isInTime || fate.Kind is FateKind.Lost or FateKind.Refused)
            {
                return;
            }

            var answer = act();
            if (isAnswered)
            {
                process.After(fate.Return, () => take(answer));
            }
        });

        // The next step comes after the answer, or when the request is given up.
        var end = isAnswered ? fate.Arrival + fate.Work + fate.Return : Options.RequestTimeout;
        var step = ++_step;
        process.After(end + (_leadership is null ? Options.RetryPeriod * _chance.Seconds(0.5, 1) : Options.RetryPeriod), () =>
        {
            if (step == _step)
            {
                Step();
            }
        });
    }
}
