using Octopoid.Core.Admission;
using Octopoid.Core.Kinds;
using Octopoid.Core.State;

namespace Octopoid.Core.Tests;

/// <summary>Objects for tests, with what a test does not care about filled in.</summary>
internal static class Given
{
    public const string Namespace = "work";

    public static DateTimeOffset Noon { get; } = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static AgentBlueprint Blueprint(string name = "implementer", int maxInstances = 1, string? role = null) => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = Namespace, Uid = "uid-" + name, ResourceVersion = "1", Generation = 1 },
        Spec = new AgentBlueprintSpec(maxInstances)
        {
            Role = role,
            Image = "agent:1",
            Scripts = new BlueprintScripts { Inline = new Dictionary<string, string> { ["run"] = "exit 0" } },
        },
    };

    public static AgentOrchestrator Orchestrator(int maxConcurrent = 3, bool isPaused = false, int? maxOpenPRs = 10) => new()
    {
        Metadata = new ObjectMeta { Name = "default", Uid = "uid-default", ResourceVersion = "1" },
        Spec = new AgentOrchestratorSpec(maxConcurrent, maxOpenPRs) { Paused = isPaused },
    };

    public static AgentRepository Repository(
        string name = "code", RepositoryProvider provider = RepositoryProvider.None, int? maxOpen = null, int? lastCount = null) => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = Namespace, Uid = "uid-" + name, ResourceVersion = "1" },
        Spec = new AgentRepositorySpec { Url = $"https://github.com/acme/{name}", Provider = provider, PullRequests = new PullRequestPolicy { MaxOpen = maxOpen } },
        Status = lastCount is null ? null : new AgentRepositoryStatus { OpenPullRequests = lastCount },
    };

    public static ObservedTask Task(
        string name,
        TaskPriority priority = TaskPriority.P2,
        DateTimeOffset? createdAt = null,
        string[]? blockedBy = null,
        string? flow = null,
        ObservedTask.TaskStatus? status = null,
        bool isSuspended = false,
        string? repository = null) => new()
    {
        Metadata = new ObservedMeta
        {
            Name = name, Namespace = Namespace, Uid = "uid-" + name, ResourceVersion = "1", CreationTimestamp = createdAt ?? Noon,
        },
        Spec = new ObservedTask.TaskSpec { Flow = flow, Priority = priority, BlockedBy = blockedBy, Repository = repository, Suspend = isSuspended },
        Status = status ?? new ObservedTask.TaskStatus { State = FlowStates.Incoming },
    };

    /// <summary>The least flow that a role works in.</summary>
    public static IReadOnlyList<FlowTransition> Transitions(string role) =>
        [new FlowTransition { From = "incoming", To = "claimed", Agent = role }, new FlowTransition { From = "claimed", To = "done" }];

    /// <summary>The status of a task that waits in a state, its pull request open.</summary>
    public static ObservedTask.TaskStatus WithPullRequest(string state = FlowStates.Incoming) => new()
    {
        State = state, Attempt = 1, PullRequest = new TaskPullRequest { Number = 1, State = PullRequestState.Open },
    };

    public static ObservedTask Claimed(ObservedTask task, int attempt = 1, string blueprint = "implementer") => task with
    {
        Status = new ObservedTask.TaskStatus
        {
            State = "claimed",
            Attempt = attempt,
            Claim = new TaskClaim
            {
                Blueprint = blueprint,
                Attempt = attempt,
                JobName = AttemptNames.Job(task.Metadata.Name, task.Metadata.Uid, attempt),
                ClaimedAt = Noon,
                Holder = "somebody",
            },
        },
    };

    public static AgentTask Whole(ObservedTask task) => new()
    {
        Metadata = new ObjectMeta { Name = task.Metadata.Name, Namespace = task.Metadata.Namespace, Uid = task.Metadata.Uid },
        Spec = new AgentTaskSpec { Prompt = "Do it." },
        Status = new AgentTaskStatus { State = task.State(), Attempt = task.Status?.Attempt, Claim = task.Status?.Claim },
    };

    public static ObservedJob Job(string taskUid, int attempt = 1, string? ended = null) => new()
    {
        Metadata = Child(JobName(taskUid, attempt), taskUid, attempt),
        TerminalCondition = ended is null ? null : new ObservedJob.JobCondition(ended),
    };

    public static ObservedPod Pod(
        string taskUid, int attempt = 1, string phase = "Running", string? message = null, int? exitCode = null, string? reason = null) => new()
    {
        Metadata = Child($"pod-{taskUid}-{attempt}", taskUid, attempt) with
        {
            ControllerUid = "uid-" + JobName(taskUid, attempt),
            ControllerJob = JobName(taskUid, attempt),
        },
        Status = new ObservedPod.PodStatus
        {
            Phase = phase,
            ContainerStatuses = exitCode is null
                ? null
                : [new ObservedPod.ContainerStatus
                {
                    Name = "agent",
                    State = new ObservedPod.ContainerState
                    {
                        Terminated = new ObservedPod.TerminatedState { ExitCode = exitCode, Message = message, Reason = reason },
                    },
                }],
        },
    };

    public static ObservedPod Succeeded(string taskUid, int attempt = 1) =>
        Pod(taskUid, attempt, "Succeeded", $$"""{"attempt":{{attempt}},"outcome":"done","commits":1}""", 0);

    /// <summary>The tasks of these tests have the UID <c>uid-NAME</c>.</summary>
    private static string JobName(string taskUid, int attempt) => AttemptNames.Job(taskUid["uid-".Length..], taskUid, attempt);

    private static ObservedChildMeta Child(string name, string taskUid, int attempt) => new()
    {
        Name = name,
        Namespace = Namespace,
        Uid = "uid-" + name,
        ResourceVersion = "1",
        TaskUid = taskUid,
        Attempt = attempt,
        Blueprint = "implementer",
        ControllerUid = taskUid,
    };
}
