using Octopoid.Core.Admission;
using Octopoid.Core.Kinds;
using Octopoid.Core.State;

namespace Octopoid.Operator.Jobs;

/// <summary>All that an attempt's Job is made of.</summary>
/// <param name="Slot">Which attempt of which task.</param>
/// <param name="Task">The task, whole.</param>
/// <param name="Blueprint">The blueprint.</param>
/// <param name="Repository">The task's repository, or null.</param>
/// <param name="ScriptsConfigMap">The ConfigMap of runner and inline scripts, or null.</param>
internal sealed record Attempt(
    Slot Slot, AgentTask Task, AgentBlueprint Blueprint, AgentRepository? Repository, string? ScriptsConfigMap)
{
    /// <summary>The role that the blueprint serves.</summary>
    public string Role => BlueprintRules.Role(Blueprint);

    /// <summary>The branch that the task's attempts work on; null without a repository.</summary>
    public string? Branch => Repository is null
        ? null
        : AttemptNames.Branch(Repository.Spec.PullRequests.BranchPrefix, Task.Metadata.Name, Task.Metadata.Uid);

    /// <summary>The branch that the work is based on; null without a repository.</summary>
    public string? BaseBranch => Repository is null ? null : Task.Spec.BaseBranch ?? Repository.Spec.BaseBranch;
}
