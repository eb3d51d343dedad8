using System.Globalization;
using k8s.Models;
using Octopoid.Core.Kinds;

namespace Octopoid.Operator.Jobs;

/// <summary>The environment of both containers (DESIGN §4). Ours comes last, so that a blueprint cannot take its names.</summary>
internal static class AgentEnvironment
{
    /// <summary>Every variable, the blueprint's own first.</summary>
    public static List<V1EnvVar> Build(Attempt attempt)
    {
        var ours = Ours(attempt).Where(pair => pair.Value is not null).Select(pair => Literal(pair.Name, pair.Value!)).ToList();
        var names = ours.Select(variable => variable.Name).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. (attempt.Blueprint.Spec.Env ?? []).Where(variable => !names.Contains(variable.Name)).DistinctBy(variable => variable.Name).Select(Theirs),
            .. ours,
        ];
    }

    /// <summary>Variables from ConfigMaps and Secrets, as the blueprint names them.</summary>
    public static List<V1EnvFromSource>? Sources(AgentBlueprint blueprint) => blueprint.Spec.EnvFrom is not { Count: > 0 } sources
        ? null
        : [.. sources.Select(source => new V1EnvFromSource
        {
            Prefix = source.Prefix,
            ConfigMapRef = source.ConfigMapRef is { } map ? new V1ConfigMapEnvSource { Name = map.Name, Optional = map.Optional } : null,
            SecretRef = source.SecretRef is { } secret ? new V1SecretEnvSource { Name = secret.Name, Optional = secret.Optional } : null,
        })];

    private static IEnumerable<(string Name, string? Value)> Ours(Attempt attempt)
    {
        var (task, blueprint) = (attempt.Task, attempt.Blueprint);
        return
        [
            ("HOME", AgentPaths.Home),
            ("OCTOPOID_TASK", task.Metadata.Name),
            ("OCTOPOID_TITLE", task.Spec.Title ?? task.Metadata.Name),
            ("OCTOPOID_BLUEPRINT", blueprint.Metadata.Name),
            ("OCTOPOID_ROLE", attempt.Role),
            ("OCTOPOID_MODEL", task.Spec.Model ?? blueprint.Spec.Model),
            ("OCTOPOID_MAX_TURNS", blueprint.Spec.MaxTurns?.ToString(CultureInfo.InvariantCulture)),
            ("OCTOPOID_CONDITION", attempt.Slot.Condition),
            ("OCTOPOID_ATTEMPT", attempt.Slot.Attempt.ToString(CultureInfo.InvariantCulture)),
            ("OCTOPOID_BRANCH", attempt.Branch),
            ("OCTOPOID_BASE_BRANCH", attempt.BaseBranch),
            ("OCTOPOID_REPOSITORY_URL", attempt.Repository?.Spec.Url),
            ("OCTOPOID_GIT_SECRET_DIR", attempt.Repository?.Spec.GitSecretName is null ? null : AgentPaths.GitSecret),
            ("OCTOPOID_WORKSPACE", AgentPaths.Workspace),
            ("OCTOPOID_PROMPT_FILE", $"{AgentPaths.Task}/{AgentPaths.PromptFile}"),
            ("OCTOPOID_FEEDBACK_FILE", $"{AgentPaths.Task}/{AgentPaths.FeedbackFile}"),
            ("OCTOPOID_SCRIPTS_DIR", AgentPaths.Scripts),
            ("OCTOPOID_RESULT_FILE", $"{AgentPaths.Temporary}/octopoid/result"),
            ("OCTOPOID_TIMEOUT_SECONDS", blueprint.Spec.TimeoutSeconds.ToString(CultureInfo.InvariantCulture)),
            ("OCTOPOID_NO_PROGRESS_SECONDS", blueprint.Spec.NoProgressTimeoutSeconds?.ToString(CultureInfo.InvariantCulture)),
        ];
    }

    /// <summary>Kubernetes expands <c>$(NAME)</c> in values and reads <c>$$</c> as a dollar; what a user wrote must arrive as it is.</summary>
    private static V1EnvVar Literal(string name, string value) =>
        new() { Name = name, Value = value.Replace("$", "$$", StringComparison.Ordinal) };

    /// <summary>Without its source, if it has one: that is filled in as it is written.</summary>
    private static V1EnvVar Theirs(EnvironmentVariable variable) => new() { Name = variable.Name, Value = variable.Value };
}
