using System.Text.Json.Serialization;

namespace Octopoid.Core.Kinds;

/// <summary>The limits of the whole cluster. A lowered limit ends nothing and starts nothing; a raised one starts at once.</summary>
public sealed record AgentOrchestratorSpec
{
    /// <summary>How many agents may run at once, of all blueprints together, 0 to 100,000. Default: 3.</summary>
    public int MaxConcurrent { get; init; } = 3;

    /// <summary>
    /// How many pull requests may be open at once, of all repositories together, 0 to 100,000; null: no limit. Default: 10.
    /// </summary>
    /// <remarks>Null is written out, for the API server would fill a missing value with the default.</remarks>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public int? MaxOpenPRs { get; init; } = 10;

    /// <summary>While true, nothing is started; what runs goes on. Default: false.</summary>
    public bool Paused { get; init; }

    /// <summary>Start failures in a row that make a blueprint degraded, 1 to 100. Default: 2.</summary>
    public int StartFailureThreshold { get; init; } = 2;

    /// <summary>How long finished Jobs and tasks are kept.</summary>
    public RetentionPolicy Retention { get; init; } = new();
}
