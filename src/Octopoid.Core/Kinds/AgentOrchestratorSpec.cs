using System.Text.Json.Serialization;

namespace Octopoid.Core.Kinds;

/// <summary>The limits of the whole cluster. A lowered limit ends nothing and starts nothing; a raised one starts at once.</summary>
/// <param name="MaxConcurrent">How many agents may run at once, of all blueprints together, 0 to 100,000. Default: 3.</param>
/// <param name="MaxOpenPRs">
/// How many pull requests may be open at once, of all repositories together, 0 to 100,000; null: no limit. Default: 10. Null is written
/// out, for the API server would fill a missing value with the default.
/// </param>
/// <param name="StartFailureThreshold">Start failures in a row that make a blueprint degraded, 1 to 100. Default: 2.</param>
public sealed record AgentOrchestratorSpec(
    int MaxConcurrent = 3,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] int? MaxOpenPRs = 10,
    int StartFailureThreshold = 2)
{
    /// <summary>While true, nothing is started; what runs goes on. Default: false.</summary>
    public bool Paused { get; init; }

    /// <summary>How long finished Jobs and tasks are kept.</summary>
    public RetentionPolicy Retention { get; init => field = value ?? new(); } = new();
}
