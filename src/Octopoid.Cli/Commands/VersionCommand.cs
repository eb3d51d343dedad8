using System.CommandLine;
using System.Reflection;

namespace Octopoid.Cli.Commands;

/// <summary><c>version</c>: of this program, and of the operator that leads.</summary>
internal static class VersionCommand
{
    public static Command Create(CommandLineEnvironment environment)
    {
        var client = new Option<bool>("--client") { Description = "Of this program alone; the cluster is not asked." };
        var command = new Command("version", "Print the versions of this program and of the operator.") { client };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            environment.Screen.Line($"client: {typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion}");
            if (!parsed.GetValue(client))
            {
                using var session = Session.Open(parsed, environment);
                var orchestrator = await session.Client.OrchestratorAsync(cancellationToken).ConfigureAwait(false);
                environment.Screen.Line($"operator: {orchestrator?.Status?.Version ?? "unknown"}");
            }

            return ExitCodes.Success;
        });
        return command;
    }
}
