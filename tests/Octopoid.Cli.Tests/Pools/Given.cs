using Octopoid.Cli.Pools;
using Octopoid.Core.Kinds;

namespace Octopoid.Cli.Tests.Pools;

/// <summary>A pool at a moment, as the API server would have it.</summary>
internal static class Given
{
    public static DateTimeOffset Now { get; } = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Three implementers run, the fourth task waits; a reviewer is idle; one task waits for a person, one for another task, one has failed.</summary>
    public static PoolSnapshot Pool { get; } = new()
    {
        Orchestrator = new AgentOrchestrator
        {
            Metadata = new ObjectMeta { Name = "default" },
            Spec = new AgentOrchestratorSpec(MaxConcurrent: 6, MaxOpenPRs: 10),
            Status = new AgentOrchestratorStatus { Running = 3, OpenPullRequests = 2, Version = "0.1.0" },
        },
        Lead = new OperatorLead("operator-7d9f_5b2e", Now.AddSeconds(-2), TimeSpan.FromSeconds(15)),
        Blueprints =
        [
            Blueprint("gatekeeper", 1, new AgentBlueprintStatus { Instances = 0, Claimable = 0, State = BlueprintState.Idle, Reason = "NothingToDo", Message = "No task waits for gatekeeper." }),
            Blueprint("implementer", 3, new AgentBlueprintStatus { Instances = 3, Claimable = 2, State = BlueprintState.AtCapacity, Reason = "InstanceLimit", Message = "3 of 3 instances of implementer are running." }, "sonnet"),
        ],
        Repositories =
        [
            new AgentRepository
            {
                Metadata = Named("app"),
                Spec = new AgentRepositorySpec { Url = "https://git.example/app.git", Provider = RepositoryProvider.GitHub, PullRequests = new PullRequestPolicy { MaxOpen = 5 } },
                Status = new AgentRepositoryStatus
                {
                    OpenPullRequests = 2, ReservedPullRequests = 3, Gate = GateState.Closed, Reason = "OpenPRLimit", ObservedAt = Now.AddSeconds(-40),
                    Message = "2 pull requests are open and 3 more may be opened by agents at work; 5 are allowed.",
                },
            },
        ],
        Flows =
        [
            new AgentFlow
            {
                Metadata = Named("reviewed"),
                Spec = new AgentFlowSpec
                {
                    Transitions =
                    [
                        new FlowTransition { From = "incoming", To = "claimed", Agent = "implementer" },
                        new FlowTransition { From = "claimed", To = "done", Conditions = [new FlowCondition { Name = "review", Agent = "gatekeeper" }, new FlowCondition { Name = "sign-off", Manual = true }] },
                    ],
                },
            },
        ],
        Tasks =
        [
            Running("fix-login", 1, 95), Running("fix-logout", 2, 400), Running("speed-up", 1, 7000),
            Task("add-search", new AgentTaskStatus { State = "incoming" }),
            Task("add-sort", new AgentTaskStatus { State = "incoming" }, spec => spec with { Priority = TaskPriority.P0 }),
            Task("deploy", Waits("incoming", Reasons.DependencyPending, "add-search is incoming, not done."), spec => spec with { BlockedBy = ["add-search"] }),
            Task("rename", Waits("claimed", Reasons.AwaitsDecision, "Condition sign-off waits for a person's decision: set spec.decision to attempt 3 and verdict approve or reject.") with
            {
                Attempt = 3,
                Passed = [new PassedCondition { Condition = "review", Attempt = 3 }],
                PullRequest = new TaskPullRequest { Number = 12, Url = "https://git.example/app/pull/12", State = PullRequestState.Open },
            }, spec => spec with { Flow = "reviewed" }),
            Task("typo", new AgentTaskStatus { State = "incoming", Attempt = 1, Failures = 1, NextEligibleTime = Now.AddSeconds(25), Attempts = [Failed(1, "Deadline")] }),
            Task("migrate-db", new AgentTaskStatus
            {
                State = "failed", Attempt = 3, Failures = 3, Attempts = [Failed(1, "ExitCode"), Failed(2, "ExitCode"), Failed(3, "OutOfMemory")],
                Feedback = "It used more memory than its limit.",
                History =
                [
                    new StateChange { Time = Now.AddMinutes(-31), From = "incoming", To = "claimed", Attempt = 3, Reason = "AttemptRunning" },
                    new StateChange { Time = Now.AddMinutes(-30), From = "claimed", To = "failed", Attempt = 3, Reason = "OutOfMemory" },
                ],
                Conditions = [new Condition { Type = ConditionTypes.Failed, Status = ConditionStatus.True, Reason = "OutOfMemory", Message = "Attempt 3 ended: OutOfMemory. 3 failures in this state are more than the 2 that are forgiven." }],
            }),
            Task("ship", new AgentTaskStatus { State = "done", Attempt = 1 }),
        ],
    };

    /// <summary>A task of the pool.</summary>
    public static AgentTask TaskOf(string name) => Pool.Tasks.Single(task => task.Metadata.Name == name);

    private static AgentBlueprint Blueprint(string name, int max, AgentBlueprintStatus status, string? model = null) =>
        new() { Metadata = Named(name), Spec = new AgentBlueprintSpec(max) { Model = model, Image = "agent:1", Scripts = new BlueprintScripts { Inline = new Dictionary<string, string> { ["run"] = "finish" } } }, Status = status };

    private static AgentTask Running(string name, int attempt, int seconds) => Task(name, new AgentTaskStatus
    {
        State = "claimed",
        ClaimedBy = "implementer",
        Attempt = attempt,
        Claim = new TaskClaim { Blueprint = "implementer", Attempt = attempt, JobName = $"{name}-0a1b2c3d-{attempt}", ClaimedAt = Now.AddSeconds(-seconds), From = "incoming" },
    });

    private static AgentTask Task(string name, AgentTaskStatus status, Func<AgentTaskSpec, AgentTaskSpec>? edit = null) => new()
    {
        Metadata = Named(name),
        Spec = (edit ?? (spec => spec))(new AgentTaskSpec { Prompt = "Do it.", Repository = "app", Flow = "default", Title = name == "fix-login" ? "Fix the \u001b[31mlogin" : null }),
        Status = status,
    };

    private static AgentTaskStatus Waits(string state, string reason, string message) => new()
    {
        State = state,
        Conditions = [new Condition { Type = ConditionTypes.Claimable, Status = ConditionStatus.False, Reason = reason, Message = message }],
    };

    private static TaskAttempt Failed(int number, string reason) => new()
    {
        Number = number,
        State = "claimed",
        Blueprint = "implementer",
        Job = $"job-{number}",
        Outcome = AttemptOutcome.Failed,
        Class = FailureClass.Task,
        Reason = reason,
        Start = Now.AddMinutes(-40 + (number * 3)),
        End = Now.AddMinutes(-38 + (number * 3)),
        Commits = number,
        Turns = 12,
        CostUSD = "0.31",
    };

    private static ObjectMeta Named(string name) => new() { Name = name, Namespace = "team", Uid = $"uid-{name}", CreationTimestamp = Now.AddHours(-3) };
}
