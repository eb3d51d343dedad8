using System.Text.Json;

namespace Octopoid.Core.Kinds;

/// <summary>One variable of the agent's environment.</summary>
public sealed record EnvironmentVariable
{
    /// <summary>The variable's name.</summary>
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>Its value; null when <see cref="ValueFrom"/> gives it.</summary>
    public string? Value { get; init; }

    /// <summary>Where its value comes from: Kubernetes' own EnvVarSource, passed on as it is.</summary>
    public JsonElement? ValueFrom { get; init; }
}
