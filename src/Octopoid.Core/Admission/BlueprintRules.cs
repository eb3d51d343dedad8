using Octopoid.Core.Kinds;
using Octopoid.Core.State;

namespace Octopoid.Core.Admission;

/// <summary>What a blueprint means beyond its fields: its defaults that depend on its name, and whether it makes sense.</summary>
public static class BlueprintRules
{
    /// <summary>The role that it serves: its name unless it says otherwise.</summary>
    /// <param name="blueprint">The blueprint.</param>
    public static string Role(AgentBlueprint blueprint)
    {
        ArgumentNullException.ThrowIfNull(blueprint);
        return blueprint.Spec.Role ?? blueprint.Metadata.Name;
    }

    /// <summary>Where it is.</summary>
    /// <param name="blueprint">The blueprint.</param>
    public static NamespacedName Key(AgentBlueprint blueprint)
    {
        ArgumentNullException.ThrowIfNull(blueprint);
        return new NamespacedName(blueprint.Metadata.Namespace ?? "", blueprint.Metadata.Name);
    }

    /// <summary>The rule that it breaks, one sentence; null when it breaks none. The schema's CEL rules say the same; a server that
    /// ignores them lets such a blueprint in, and then it starts nothing.</summary>
    /// <param name="blueprint">The blueprint.</param>
    public static string? Violation(AgentBlueprint blueprint)
    {
        ArgumentNullException.ThrowIfNull(blueprint);
        var spec = blueprint.Spec;
        var hasInline = spec.Scripts?.Inline is { Count: > 0 };
        var hasConfigMap = !string.IsNullOrEmpty(spec.Scripts?.ConfigMapName);
        return string.IsNullOrEmpty(spec.Image) ? "spec.image is needed."
            : spec.MaxInstances < 0 ? "spec.maxInstances must be 0 or more."
            : spec.Type == BlueprintType.Custom ? (hasInline || hasConfigMap ? "spec.scripts is for type scripts." : null)
            : hasInline == hasConfigMap ? "spec.scripts needs exactly one of inline and configMapName."
            : hasInline && !spec.Scripts!.Inline!.ContainsKey("run") ? "spec.scripts.inline needs a file named run."
            : null;
    }
}
