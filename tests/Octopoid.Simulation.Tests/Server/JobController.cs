using System.Text.Json.Nodes;
using Octopoid.Simulation.Tests.Engine;
using Octopoid.Simulation.Tests.Forges;

namespace Octopoid.Simulation.Tests.Server;

/// <summary>The rest of the cluster: the controller of Jobs, the kubelets, the garbage collector. Each late, in its own time.</summary>
internal sealed class JobController
{
    private const string Actor = "cluster";

    private readonly World _world;
    private readonly ApiServer _server;

    public JobController(World world, ApiServer server)
    {
        (_world, _server) = (world, server);
        Troubles = new StartTroubles(world);
        server.Changed += See;
    }

    /// <summary>What keeps agents from starting.</summary>
    public StartTroubles Troubles { get; }

    /// <summary>What agents do at a forge.</summary>
    public required Contributors Contributors { get; init; }

    /// <summary>What a Job's pod does, where nothing is left to chance; null elsewhere.</summary>
    public Func<ServerObject, AgentScript>? Script { get; set; }

    private void See(LogEntry entry)
    {
        switch (entry)
        {
            case { Object.Resource: Resources.Tasks, After: null }:
                Collect(entry.Object.Uid);
                break;
            case { Object: { Resource: Resources.Jobs, ControllerUid: { } owner } job, Before: null }:
                Contributors.Assign(job);
                Start(job);
                if (_server.FindUid(Resources.Tasks, owner) is null)
                {
                    Collect(owner);
                }

                break;
            case { Object: { Resource: Resources.Jobs } job, After: null }:
                After(job, "orphans", 0.05, 2, () => DeletePods(job));
                break;
            case { Before: { Resource: Resources.Jobs, IsBeingDeleted: false }, After: { IsBeingDeleted: true } job }:
                After(job, "foreground", 0.01, 0.5, () => { DeletePods(job); RemoveIfLeft(job); });
                break;
            case { Before: { Resource: Resources.Pods, IsBeingDeleted: false }, After: { IsBeingDeleted: true } pod }:
                Kill(pod);
                break;
            case { Before: { Resource: Resources.Pods, IsEndedPod: false }, After: { IsEndedPod: true } pod }:
                SeeEnd(pod);
                break;
            case { Object: { Resource: Resources.Pods } pod, After: null }:
                if (_server.FindUid(Resources.Jobs, pod.ControllerUid) is { IsBeingDeleted: true } left)
                {
                    RemoveIfLeft(left);
                }

                break;
        }
    }

    /// <summary>The Jobs of a task that is gone go too.</summary>
    private void Collect(string taskUid) => _world.After(_world.Chance("collect " + taskUid).Span(0.1, 3), () =>
    {
        foreach (var job in _server.All(Resources.Jobs).Where(job => job.ControllerUid == taskUid).ToList())
        {
            _server.Remove(job, Actor);
        }
    });

    private void Start(ServerObject job)
    {
        After(job, "pod", 0.05, 2, () => CreateFirstPod(job));
        if (Script is not null)
        {
            return;
        }

        var chance = Draw(job, "deadline");
        if (chance.Is(0.02))
        {
            _world.After(chance.Span(0.5, 20), () =>
            {
                if (_server.Current(job) is { IsEndedJob: false } live)
                {
                    End(live, "Failed", "DeadlineExceeded");
                    DeletePods(job);
                }
            });
        }
    }

    private void CreateFirstPod(ServerObject job)
    {
        if (_server.Current(job) is not { IsEndedJob: false, IsBeingDeleted: false } live)
        {
            return;
        }

        if (Troubles.Of(Blueprint(job)) is (StartTroubles.NoPod, var left))
        {
            After(job, "quota", left.TotalSeconds, left.TotalSeconds + 5, () => CreateFirstPod(job));
            return;
        }

        CreatePod(live, 1);
    }

    private static string? Blueprint(ServerObject item) => item.Label(Core.Kinds.Labels.Blueprint);

    private static JsonObject PodLabels(ServerObject job)
    {
        var labels = job.Json.At("spec", "template", "metadata", "labels")?.DeepClone().AsObject() ?? new JsonObject();
        labels["job-name"] = job.Name;
        return labels;
    }

    private void CreatePod(ServerObject job, int number)
    {
        var chance = Draw(job, "run" + number);
        var pod = _server.Create(
            Resources.Pods,
            new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["name"] = job.Name + "-p" + number,
                    ["namespace"] = job.Namespace,
                    ["labels"] = PodLabels(job),
                    ["ownerReferences"] = new JsonArray(new JsonObject
                    {
                        ["apiVersion"] = "batch/v1", ["kind"] = "Job", ["name"] = job.Name, ["uid"] = job.Uid, ["controller"] = true,
                    }),
                },
                ["status"] = new JsonObject { ["phase"] = "Pending" },
            },
            Actor);
        var start = chance.Seconds(0.05, 1);
        var length = chance.Is(0.7) ? chance.Seconds(0.3, 6) : chance.Is(0.85) ? chance.Seconds(6, 20) : chance.Seconds(20, 45);
        if (Script?.Invoke(job) is { } script)
        {
            Play(pod, start, script);
            return;
        }

        var end = DrawEnd(chance, job);
        if (Troubles.Of(Blueprint(job)) is { } trouble)
        {
            _world.After(TimeSpan.FromSeconds(start / 2), () => SetStatus(pod, StartTroubles.Status(trouble.Kind)));
            var recovery = Draw(pod, "recovery");
            start += trouble.Left.TotalSeconds + recovery.Seconds(0, 10);
            if (recovery.Is(0.6))
            {
                _world.After(TimeSpan.FromSeconds(start), () => Run(pod, job, chance, length, end));
            }
        }
        else
        {
            _world.After(TimeSpan.FromSeconds(start), () => SetStatus(pod, new JsonObject { ["phase"] = "Running" }));
            RunOn(pod, job, chance, start, start + length, end);
        }
    }

    /// <summary>What a pod says in the end: by whom it is run, and for which task.</summary>
    private JsonObject DrawEnd(Chance chance, ServerObject job)
    {
        var attempt = job.Label(Core.Kinds.Labels.Attempt) ?? "0";
        if (job.Label(Core.Kinds.Labels.Role) is Roles.Reviewer or Roles.Tester)
        {
            return PodEnd.DrawReview(chance, attempt);
        }

        var end = PodEnd.Draw(chance, attempt);
        return end.ToJsonString().Contains("done", StringComparison.Ordinal)
            && _server.FindUid(Resources.Tasks, job.ControllerUid)?.Json.Text("spec", "parameters", "opens") is not null
                ? PodEnd.Said(attempt, "done", int.Parse(attempt, System.Globalization.CultureInfo.InvariantCulture))
                : end;
    }

    private void Play(ServerObject pod, double start, AgentScript script)
    {
        _world.After(TimeSpan.FromSeconds(start), () => SetStatus(pod, script.Starts ? new JsonObject { ["phase"] = "Running" } : script.Status));
        if (script.Starts)
        {
            _world.After(TimeSpan.FromSeconds(start + script.Seconds), () =>
            {
                if (_server.Current(pod) is { IsBeingDeleted: false })
                {
                    SetStatus(pod, script.Status);
                }
            });
        }
    }

    /// <summary>A pod that could not start does so now.</summary>
    private void Run(ServerObject pod, ServerObject job, Chance chance, double length, JsonObject end)
    {
        if (_server.Current(pod) is { IsBeingDeleted: false, IsEndedPod: false })
        {
            SetStatus(pod, new JsonObject { ["phase"] = "Running" });
            RunOn(pod, job, chance, 0, length, end);
        }
    }

    private void RunOn(ServerObject pod, ServerObject job, Chance chance, double from, double seconds, JsonObject drawn)
    {
        Contributors.Begin(pod, job, from, seconds);
        var sidecar = Draw(pod, "sidecar");
        var hasSidecar = job.Label(Core.Kinds.Labels.Role) is Roles.Reviewer or Roles.Tester && sidecar.Is(0.08) && drawn["containerStatuses"] is not null;
        _world.After(TimeSpan.FromSeconds(seconds), () =>
        {
            if (_server.Current(pod) is not { IsBeingDeleted: false })
            {
                return;
            }

            var end = Contributors.Tell(pod, drawn);
            SetStatus(pod, hasSidecar ? PodEnd.WithSidecar(end, SimulatedTime.Start + _world.Now) : end);
            if (hasSidecar && sidecar.Is(0.6))
            {
                _world.After(sidecar.Span(1, 150), () => SetStatus(pod, end));
            }
        });

        // The controller may know before the kubelet's last word of the pod has come.
        if (chance.Is(0.05) && !hasSidecar)
        {
            var condition = drawn.Text("phase") == "Succeeded" ? "Complete" : "Failed";
            _world.After(TimeSpan.FromSeconds(seconds - 0.2), () =>
            {
                if (_server.Current(pod) is { IsBeingDeleted: false } && _server.Current(job) is { IsEndedJob: false } live)
                {
                    End(live, condition, null);
                }
            });
        }
    }

    /// <summary>A pod that is to go runs on for a while, says a last word or none, and vanishes.</summary>
    private void Kill(ServerObject pod)
    {
        var chance = Draw(pod, "kill");
        var grace = pod.IsEndedPod ? TimeSpan.Zero : chance.Is(0.8) ? chance.Span(0.2, 8) : chance.Span(8, 40);
        _world.After(grace, () => Stop(pod, PodEnd.Killed(chance, pod.Label(Core.Kinds.Labels.Attempt) ?? "0")));
        _world.After(grace + chance.Span(0.02, 1), () =>
        {
            if (_server.Current(pod) is { } left)
            {
                _server.Remove(left, Actor);
            }
        });
    }

    /// <summary>What an agent has said stands; one that has not started says nothing.</summary>
    private void Stop(ServerObject pod, JsonObject killed)
    {
        if (_server.Current(pod) is not { } live)
        {
            return;
        }

        var status = killed;
        if (live.AgentEnd is not null)
        {
            status = live.Json["status"]!.DeepClone().AsObject();
            status["phase"] = "Failed";
        }
        else if (live.IsStuck)
        {
            status = new JsonObject { ["phase"] = "Failed" };
        }

        SetStatus(pod, status);
    }

    private void SeeEnd(ServerObject pod)
    {
        var chance = Draw(pod, "end");
        _world.After(chance.Is(0.8) ? chance.Span(0.01, 0.5) : chance.Span(0.5, 4), () =>
        {
            if (_server.FindUid(Resources.Jobs, pod.ControllerUid) is not { IsEndedJob: false, IsBeingDeleted: false } job)
            {
                return;
            }

            // Old versions of Kubernetes make another pod for one that was deleted.
            if (pod.IsBeingDeleted && pod.Json.Text("status", "phase") == "Failed" && chance.Is(0.3))
            {
                CreatePod(job, pod.Name[^1] - '0' + 1);
                return;
            }

            var isGood = pod.Json.Text("status", "phase") == "Succeeded";
            End(job, isGood ? "Complete" : "Failed", isGood ? null : "BackoffLimitExceeded");
        });
    }

    private void End(ServerObject job, string type, string? reason) => _server.Change(
        job,
        json => json["status"] = new JsonObject
        {
            ["conditions"] = new JsonArray(new JsonObject { ["type"] = type, ["status"] = "True", ["reason"] = reason }),
        },
        Actor);

    private void DeletePods(ServerObject job)
    {
        foreach (var pod in _server.All(Resources.Pods).Where(pod => pod.ControllerUid == job.Uid).ToList())
        {
            _server.MarkDeleted(pod, Actor);
        }
    }

    private void RemoveIfLeft(ServerObject job)
    {
        if (_server.Current(job) is { } left && _server.All(Resources.Pods).All(pod => pod.ControllerUid != job.Uid))
        {
            _server.Remove(left, Actor);
        }
    }

    private void SetStatus(ServerObject pod, JsonObject status)
    {
        if (_server.Current(pod) is { IsEndedPod: false } live)
        {
            _server.Change(live, json => json["status"] = status.DeepClone(), Actor);
        }
    }

    private void After(ServerObject about, string what, double minimum, double maximum, Action action) =>
        _world.After(Draw(about, what).Span(minimum, maximum), action);

    private Chance Draw(ServerObject about, string what) => _world.Chance(what + " " + about.Uid);
}
