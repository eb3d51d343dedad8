using System.CommandLine;
using System.Text.Json.Nodes;
using Octopoid.Core.Kinds;

namespace Octopoid.Cli.Commands;

/// <summary><c>pause</c>, <c>resume</c>: the whole pool, or blueprints of it. What runs is left alone.</summary>
internal static class PauseCommand
{
    public static Command Create(CommandLineEnvironment environment, bool isPaused)
    {
        var names = NameArguments.Blueprints(environment);
        var command = new Command(
            isPaused ? "pause" : "resume",
            isPaused ? "Start nothing more of some blueprints, or of all; what runs is left alone." : "Let blueprints start again, or all.") { names };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var session = Session.Open(parsed, environment);
            var (chosen, done) = (parsed.GetValue(names) ?? [], isPaused ? "paused" : "resumed");
            if (chosen.Length == 0)
            {
                var orchestrator = await session.Client.PatchOrchestratorAsync(new JsonObject { ["paused"] = isPaused }, cancellationToken).ConfigureAwait(false);
                session.Report("agentorchestrator", orchestrator, orchestrator.Metadata.Name, done, KindsJson.Default.AgentOrchestrator);
            }

            return await session.ForEachAsync(chosen, async name =>
            {
                var blueprint = await session.Client.PatchBlueprintAsync(name, new JsonObject { ["paused"] = isPaused }, cancellationToken).ConfigureAwait(false);
                session.Report("agentblueprint", blueprint, name, done, KindsJson.Default.AgentBlueprint);
            }).ConfigureAwait(false);
        });
        return command;
    }
}
