namespace Octopoid.Cli.Migration;

/// <summary>Why a setting has no place. <c>docs/migration.md</c> has the same table.</summary>
internal static class NoPlace
{
    private const string NoFolder = "the project has no such folder, or another setting names the folder.";

    private static readonly Dictionary<string, string> _byKey = new(StringComparer.Ordinal)
    {
        ["agent_dir"] = NoFolder,
        ["scripts_dir"] = NoFolder,
        ["interval_seconds"] = "work starts as soon as there is room; nothing polls.",
        ["max_concurrent"] = "of one agent it was never obeyed; maxInstances is the number.",
        ["lightweight"] = "every attempt has a pod of its own; a task without a repository has no worktree.",
        ["allowed_tools"] = "it was never enforced; the script run gives its agent the tools.",
        ["focus"] = "say it in the prompt, or in the blueprint's own prompt.md.",
        ["type_filter"] = "a task's flow names the role; give the role a flow of its own.",
        ["allowed_task_types"] = "a task's flow names the role; give the role a flow of its own.",
        ["target_roles"] = "tasks are made by people and programs; a flow names the roles.",
        ["base_branch"] = "a branch belongs to an AgentRepository, or to a task.",
        ["main_branch"] = "a branch belongs to an AgentRepository, or to a task.",
        ["pre_check"] = "what must hold before a start is a state of the task; use blockedBy, suspend or a flow's condition.",
        ["pre_check_trigger"] = "what must hold before a start is a state of the task; use blockedBy, suspend or a flow's condition.",
        ["job_agent"] = "use a CronJob that makes tasks.",
        ["on_demand"] = "an agent starts when a task waits for its role.",
        ["spawn_mode"] = "every agent is a pod; the scripts start in it.",
        ["claim_from"] = "a flow says from which state a role takes its tasks; only incoming and provisional have a counterpart.",
        ["runs"] = "the operator runs no steps; let the agent's script do it, or the forge.",
        ["checks"] = "the operator reads no checks; let the forge refuse a merge that they do not allow.",
        ["on_checks_fail"] = "the operator reads no checks; let the forge refuse a merge that they do not allow.",
        ["script"] = "a condition is an agent, a person or a merge; let an agent of a role run it.",
        ["description"] = "a flow has no description.",
        ["max_incoming"] = "waiting tasks cost nothing; their number has no limit.",
        ["max_provisional"] = "tasks that wait for review have no limit; maxOpenPRs bounds what is open.",
        ["machine_id"] = "the scheduler is one Lease in the cluster; no machine is registered.",
        ["scope"] = "a namespace is the scope.",
        ["max_breakdown_depth"] = "tasks are not broken down by the operator.",
        ["circuit_breaker_threshold"] = "failures belong to tasks; see spec.retry of a blueprint.",
        ["mode"] = "the objects in the cluster are the queue.",
    };

    private static readonly Dictionary<string, string> _byTop = new(StringComparer.Ordinal)
    {
        ["model"] = "it is the kind of workflow, no language model.",
        ["server"] = "the API server of the cluster is the server.",
        ["database"] = "the objects in the cluster are the queue.",
        ["repo"] = "an AgentRepository has a URL and a branch.",
        ["hooks"] = "the operator runs no steps; let the agent's script do it, or the forge.",
        ["task_types"] = "a task has a flow instead of a type.",
        ["gatekeeper"] = "a flow's condition names the reviewer; spec.retry.maxRejections of its blueprint bounds rejections.",
        ["pre_check"] = "what must hold before a start is a state of the task; use blockedBy, suspend or a flow's condition.",
        ["validation"] = "an attempt without commits has failed, and spec.retry and spec.timeoutSeconds of a blueprint bound attempts.",
        ["proposal_limits"] = "there are no proposals; tasks are made by people and programs.",
        ["voice_weights"] = "there are no proposals; tasks are made by people and programs.",
        ["curator_scoring"] = "there are no proposals; tasks are made by people and programs.",
    };

    public static string Reason(LegacyNode node)
    {
        var top = node.Path.Split('.', '[')[0];
        return node.Path.StartsWith("agents.models.", StringComparison.Ordinal) ? "a blueprint has its model itself."
            : node.Key == "path" && top != "repo" ? NoFolder
            : _byKey.GetValueOrDefault(node.Key) is { } known && node.Path != "model" ? known
            : _byTop.GetValueOrDefault(top) ?? "no field of the operator's kinds says this.";
    }
}
