using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Octopoid.Core.Kinds;

namespace Octopoid.Cli.Commands;

/// <summary><c>scale</c>: how many instances of a blueprint may run.</summary>
internal static class ScaleCommand
{
    public static Command Create(CommandLineEnvironment environment)
    {
        var name = NameArguments.Blueprint(environment);
        var number = new Argument<int>("INSTANCES") { Description = "How many may run; 0 drains." };
        number.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value > 100_000))
            {
                result.AddError("INSTANCES is a whole number from 0 to 100000.");
            }
        });
        var command = new Command("scale", "Say how many instances of a blueprint may run.") { name, number };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var session = Session.Open(parsed, environment);
            var blueprint = await session.Client.PatchBlueprintAsync(
                parsed.GetValue(name)!, new JsonObject { ["maxInstances"] = parsed.GetValue(number) }, cancellationToken).ConfigureAwait(false);
            session.Report("agentblueprint", blueprint, blueprint.Metadata.Name, $"scaled to {blueprint.Spec.MaxInstances}", KindsJson.Default.AgentBlueprint);
            return ExitCodes.Success;
        });
        return command;
    }
}
