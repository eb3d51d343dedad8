using Octopoid.Core.Admission;
using Octopoid.Simulation.Tests.Checks;
using Octopoid.Simulation.Tests.Engine;
using Octopoid.Simulation.Tests.Forges;
using Octopoid.Simulation.Tests.Plans;
using Octopoid.Simulation.Tests.Processes;
using Octopoid.Simulation.Tests.Server;

namespace Octopoid.Simulation.Tests;

/// <summary>One run: a cluster, two operator processes, a plan, and the referee.</summary>
internal sealed class Simulation
{
    /// <summary>In place of a process's index: the one that leads.</summary>
    public const int Leading = -1;

    /// <summary>A task may have to wait for an hour where a clock was an hour wrong.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromHours(3);

    private readonly IReadOnlyList<PlanEntry> _plan;
    private readonly OperatorProcess?[] _processes = new OperatorProcess?[2];
    private readonly int[] _made = new int[2];
    private readonly List<(string Step, Action<int> Action)> _ambushes = [];

    public Simulation(int seed, Setup setup, IReadOnlyList<PlanEntry> plan)
    {
        (Setup, _plan) = (setup, plan);
        World = new World(seed);
        Server = new ApiServer(World);
        Handler = new RequestHandler(Server);
        Forge = new CodeForge(World);
        Cluster = new JobController(World, Server) { Contributors = new Contributors(this) };
        Flows = new FlowHistory(Server);
        Referee = new Referee(this);
        FlowReferee = new FlowReferee(this);
        PullRequestReferee = new PullRequestReferee(this);
        Waiting = new Waiting(this);
    }

    /// <summary>When all that goes wrong is over.</summary>
    public TimeSpan Peace { get; init; } = TimeSpan.FromSeconds(PlanMaker.Peace);

    /// <summary>When nobody waits any more for what went wrong before.</summary>
    public TimeSpan Calm => Peace + TimeSpan.FromSeconds(PlanMaker.Calm - PlanMaker.Peace);

    /// <summary>When all is over; null: when nothing is left to be done, after <see cref="Calm"/>.</summary>
    public Func<bool>? IsOver { get; init; }

    /// <summary>Told of every decision, before it is carried out.</summary>
    public event Action<OperatorProcess, Decision>? Decided;

    /// <summary>Told of every write of a task, a Job or what it needs that an operator has made, before it is answered.</summary>
    public event Action<OperatorProcess>? Written;

    public Setup Setup { get; }

    public World World { get; }

    public ApiServer Server { get; }

    public RequestHandler Handler { get; }

    public JobController Cluster { get; }

    public CodeForge Forge { get; }

    public Network Network { get; } = new();

    public LeaseRecord Lease { get; set; } = new("", 0, 0);

    public FlowHistory Flows { get; }

    public Referee Referee { get; }

    public FlowReferee FlowReferee { get; }

    public PullRequestReferee PullRequestReferee { get; }

    public Waiting Waiting { get; }

    /// <summary>The process that leads; null when none does.</summary>
    public OperatorProcess? Leader => _processes.FirstOrDefault(process => process?.Election.IsLeading == true);

    /// <summary>True once a clock was set wrong by minutes.</summary>
    public bool HasWrongClocks { get; private set; }

    /// <summary>Runs to the end.</summary>
    /// <returns>What was wrong; null when nothing was.</returns>
    public string? Run()
    {
        var users = new Users(this);
        users.SetUp(Setup);
        foreach (var entry in _plan)
        {
            World.At(TimeSpan.FromSeconds(entry.At), () => users.Do(entry));
        }

        World.At(Peace, () => MakePeace(users));
        World.At(Calm, Watch);
        Start(0);
        World.After(TimeSpan.FromSeconds(0.5), () => Start(1));
        if (IsOver is null)
        {
            World.RunUntil(Calm + TimeSpan.FromSeconds(15));
        }

        while (World.Violation is null && !(IsOver?.Invoke() != false && IsQuiet()) && World.Now < Longest)
        {
            World.RunUntil(World.Now + TimeSpan.FromSeconds(5));
        }

        CheckEnd();
        return World.Violation;
    }

    public void Pause(int index, double seconds)
    {
        if (_processes[index] is { IsPaused: false } process)
        {
            process.Pause();
            World.After(TimeSpan.FromSeconds(seconds), process.Resume);
        }
    }

    public void Kill(int index, double absence)
    {
        index = IndexOf(index);
        if (_processes[index] is { } process)
        {
            End(process, index, absence);
        }
    }

    public void Terminate(int index, double absence)
    {
        index = IndexOf(index);
        if (_processes[index] is { IsPaused: false } process)
        {
            process.Election.Release();
            World.After(TimeSpan.FromSeconds(0.5), () =>
            {
                if (_processes[index] == process)
                {
                    End(process, index, absence);
                }
            });
        }
    }

    /// <summary>Lies in wait for the next decision of a kind: what it brings about happens to its process just before or after it is carried out.</summary>
    public void Ambush(string step, Action<int> action) => _ambushes.Add((step, action));

    /// <summary>A process has decided on something, and will carry it out.</summary>
    public void SeeDecision(OperatorProcess process, Decision decision)
    {
        switch (decision)
        {
            case Decision.Claim { Slot: var slot }:
                Referee.NoteClaim(process, slot.TaskUid, slot.Attempt);
                PullRequestReferee.Note(process, slot.TaskUid, slot.Attempt);
                FlowReferee.Note(process, slot.TaskUid);
                break;
            case Decision.Finish { Slot.TaskUid: var uid }:
                FlowReferee.Note(process, uid);
                break;
            case Decision.Settle { Task.Metadata.Uid: var uid }:
                FlowReferee.Note(process, uid);
                break;
        }

        Decided?.Invoke(process, decision);
        Spring(process, decision.GetType().Name);
    }

    /// <summary>A process has written something.</summary>
    public void SeeWrite(OperatorProcess process, string resource)
    {
        if (resource is Resources.Tasks or Resources.Jobs or Resources.ConfigMaps)
        {
            Written?.Invoke(process);
        }
    }

    /// <summary>Where a process is; less than 0 for one that is dead.</summary>
    public int PlaceOf(OperatorProcess process) => Array.IndexOf(_processes, process);

    private void Spring(OperatorProcess process, string step)
    {
        if (World.Now < Peace && _ambushes.FindIndex(ambush => ambush.Step == step) is >= 0 and var found)
        {
            var action = _ambushes[found].Action;
            _ambushes.RemoveAt(found);
            // Half of them between decision and request.
            World.After(process.Chance.Is(0.5) ? process.Chance.Span(0, 0.004) : process.Chance.Span(0, 0.04), () =>
            {
                if (Array.IndexOf(_processes, process) is >= 0 and var index)
                {
                    action(index);
                }
            });
        }
    }

    public void StepClock(int index, double seconds)
    {
        if (_processes[index] is { } process)
        {
            process.Time.Offset += TimeSpan.FromSeconds(seconds);
            HasWrongClocks |= Math.Abs(seconds) > 60;
        }
    }

    public void WithFeed(int index, string resource, Action<WatchFeed> action)
    {
        if (_processes[index]?.Feeds.FirstOrDefault(feed => feed.Resource == resource) is { } feed)
        {
            action(feed);
        }
    }

    private int IndexOf(int index) => index == Leading ? Math.Max(0, Array.IndexOf(_processes, Leader)) : index;

    private void Start(int index)
    {
        var process = new OperatorProcess(
            this, $"operator-{index}-{++_made[index]}", TimeSpan.FromSeconds(Setup.ClockOffsets[index]));
        _processes[index] = process;
        process.Start();
    }

    private void End(OperatorProcess process, int index, double absence)
    {
        process.Die();
        _processes[index] = null;
        World.After(TimeSpan.FromSeconds(absence), () => Start(index));
    }

    private void MakePeace(Users users)
    {
        users.MakePeace(Setup);
        foreach (var process in _processes.OfType<OperatorProcess>())
        {
            foreach (var feed in process.Feeds)
            {
                feed.LongestDelay = 0.03;
            }
        }
    }

    private void Watch()
    {
        Waiting.Look();
        Referee.Look();
        World.After(TimeSpan.FromSeconds(0.5), Watch);
    }

    private bool IsQuiet() => Leader?.Term?.Loop.State.Ledger.Count == 0
        && Referee.Live().Count == 0
        && Server.All(Resources.Tasks).All(task => Waiting.IsSettled(task));

    private void CheckEnd()
    {
        if (World.Violation is null && Server.All(Resources.Tasks).FirstOrDefault(task => !Waiting.IsSettled(task)) is { } lost)
        {
            World.Violate("7 no task is lost", $"{lost.Name} is left: {lost.Json.ToJsonString()}");
        }

        if (World.Violation is null && Leader?.Term?.Loop.State.Ledger is not { Count: 0 })
        {
            World.Violate("9 no slot is left", string.Join(", ", (Leader?.Term?.Loop.State.Ledger.Slots ?? []).Select(slot => slot.ToString())));
        }

        Referee.CheckEnd();
    }
}
