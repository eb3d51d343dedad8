using System.Text.Json.Nodes;

namespace Octopoid.Cli.Migration;

/// <summary>What a migration makes.</summary>
/// <param name="Manifests">The objects, in the order in which to apply them.</param>
/// <param name="Report">What a person must know.</param>
internal sealed record Migrated(IReadOnlyList<JsonObject> Manifests, MigrationReport Report)
{
    /// <summary>Reads a project and converts it.</summary>
    /// <param name="path">The project's folder, or its <c>agents.yaml</c>.</param>
    /// <param name="image">The image of every blueprint.</param>
    /// <param name="entryPoint">The script that becomes <c>run</c> where there is none.</param>
    /// <param name="space">The namespace to write down; null: none.</param>
    public static Migrated Project(string path, string image, string? entryPoint, string? space)
    {
        var report = new MigrationReport();
        var files = LegacyFiles.Open(path);
        var agents = RolesOfTheirOwn.Give(new AgentConversion(image, entryPoint, report).Convert(LegacyAgent.ReadAll(files, report)), files.Flows, report);
        var flows = new FlowConversion(agents, report).Convert(files.Flows);
        var limits = new OrchestratorConversion(files, report);
        var (orchestrator, repository) = (limits.Orchestrator(), limits.Repository());
        if (agents.Count == 0)
        {
            throw files.Position.Error("No agents were found here: neither a list or map of them, nor folders agents/NAME with an agent.yaml.");
        }

        foreach (var file in files.All)
        {
            report.LoseUnused(file);
        }

        return new Migrated(
            [
                Migration.Manifests.Of(orchestrator),
                .. repository is null ? Enumerable.Empty<JsonObject>() : [Migration.Manifests.Of(repository, space)],
                .. flows.Select(flow => Migration.Manifests.Of(flow, space)),
                .. agents.SelectMany(agent => Migration.Manifests.Of(agent, space)),
            ],
            report);
    }
}
