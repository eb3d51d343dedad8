using System.Text.RegularExpressions;

namespace Octopoid.Chart.Tests;

/// <summary>The names that the operator's metrics have in Prometheus.</summary>
internal static partial class Metrics
{
    private static readonly HashSet<string> Names =
    [
        "octopoid_leader", "octopoid_build_info", "octopoid_slots_occupied", "octopoid_slots_limit", "octopoid_cluster_slots_occupied",
        "octopoid_cluster_slots_limit", "octopoid_blueprint_claimable", "octopoid_blueprint_state", "octopoid_tasks_waiting",
        "octopoid_task_wait_seconds_bucket", "octopoid_claim_to_job_seconds_bucket", "octopoid_slot_turnaround_seconds_bucket",
        "octopoid_attempts_started_total", "octopoid_attempts_ended_total", "octopoid_claim_conflicts_total", "octopoid_ledger_drift_total",
        "octopoid_repository_pull_requests_open", "octopoid_repository_pull_requests_reserved", "octopoid_repository_pull_requests_limit",
        "octopoid_repository_count_age_seconds", "octopoid_repository_count_stale_after_seconds", "octopoid_repository_gate_closed",
        "octopoid_repository_quota_remaining", "octopoid_repository_quota_limit", "octopoid_cluster_pull_requests_open",
        "octopoid_cluster_pull_requests_reserved", "octopoid_cluster_pull_requests_limit", "octopoid_cluster_gate_closed",
        "octopoid_forge_requests_total", "octopoid_informer_age_seconds", "octopoid_informer_objects", "octopoid_informer_synced",
        "kubernetes_client_request_duration_seconds_bucket", "kubernetes_client_request_duration_seconds_count", "kubernetes_client_events_total",
        "dotnet_process_memory_working_set_bytes",
    ];

    /// <summary>The names in an expression that no metric has.</summary>
    public static IEnumerable<string> Unknown(string expression) =>
        Name().Matches(expression).Select(match => match.Value).Where(name => !Names.Contains(name));

    [GeneratedRegex(@"\b(octopoid|kubernetes_client|dotnet)_[a-z_]+")]
    private static partial Regex Name();
}
