using System.Text.Json;

namespace Octopoid.Core.Kinds;

/// <summary>
/// What a person declares of a blueprint. A change counts from the next start; running agents keep what they were started with.
/// </summary>
/// <param name="MaxInstances">
/// How many agents of this blueprint may run at once, 0 to 100,000. Default: 1. 0 drains: what runs ends, nothing starts.
/// </param>
/// <param name="OpensPullRequests">
/// Whether an agent of this blueprint may open a pull request, and so waits for and takes room below the limits. Default: true.
/// </param>
/// <param name="TimeoutSeconds">How long an attempt may run, in seconds, 1 to 604,800. Default: 14,400 (4 hours).</param>
/// <param name="PendingTimeoutSeconds">
/// How long an attempt's pod may wait to be placed and to get its images, in seconds, 1 to 86,400. Default: 900.
/// </param>
public sealed record AgentBlueprintSpec(
    int MaxInstances = 1,
    bool OpensPullRequests = true,
    int TimeoutSeconds = 14400,
    int PendingTimeoutSeconds = 900)
{
    /// <summary>The role that a flow's transitions name; null: the blueprint's own name. Several blueprints may serve one role.</summary>
    public string? Role { get; init; }

    /// <summary>Who runs in the container. Default: <see cref="BlueprintType.Scripts"/>.</summary>
    public BlueprintType Type { get; init; } = BlueprintType.Scripts;

    /// <summary>The model that the agent is told to use; null: the agent's own choice. A task may say otherwise.</summary>
    public string? Model { get; init; }

    /// <summary>How many turns the agent is told to take at most, 1 to 100,000; null: the agent's own limit.</summary>
    public int? MaxTurns { get; init; }

    /// <summary>The agent's container image. It needs <c>sh</c> for type scripts or where tasks have a repository, and <c>git</c> for the latter.</summary>
    public string Image { get; init => field = value ?? ""; } = "";

    /// <summary>The files of a scripts blueprint.</summary>
    public BlueprintScripts? Scripts { get; init; }

    /// <summary>The program of a custom blueprint.</summary>
    public IReadOnlyList<string>? Command { get; init; }

    /// <summary>The arguments of <see cref="Command"/>.</summary>
    public IReadOnlyList<string>? Args { get; init; }

    /// <summary>More environment for the agent's container.</summary>
    public IReadOnlyList<EnvironmentVariable>? Env { get; init; }

    /// <summary>Secrets and ConfigMaps whose every key becomes a variable.</summary>
    public IReadOnlyList<EnvironmentSource>? EnvFrom { get; init; }

    /// <summary>Requests and limits of the agent's container: Kubernetes' own ResourceRequirements, passed on as they are.</summary>
    public JsonElement? Resources { get; init; }

    /// <summary>The service account of the pod, whose token is not mounted all the same; null: the namespace's default.</summary>
    public string? ServiceAccountName { get; init; }

    /// <summary>While true, nothing of this blueprint is started; what runs goes on. Default: false.</summary>
    public bool Paused { get; init; }

    /// <summary>
    /// How long an agent of type scripts may print nothing and record no progress before it is ended, in seconds, 1 to 604,800;
    /// null: without limit.
    /// </summary>
    public int? NoProgressTimeoutSeconds { get; init; }

    /// <summary>How often, and after what time, a task is tried again.</summary>
    public RetryPolicy Retry { get; init => field = value ?? new(); } = new();

    /// <summary>A pod template laid over the one that the operator makes: node selection, volumes, sidecars, runtime class.</summary>
    public JsonElement? PodTemplate { get; init; }
}
