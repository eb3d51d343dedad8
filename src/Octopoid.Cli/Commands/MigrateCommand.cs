using System.CommandLine;
using Octopoid.Cli.Migration;
using Octopoid.Cli.Output;

namespace Octopoid.Cli.Commands;

/// <summary><c>migrate</c>: manifests of the files of the old orchestrator. No cluster is asked.</summary>
internal static class MigrateCommand
{
    private const string DefaultImage = "octopoid-agent:demo";

    public static Command Create(CommandLineEnvironment environment)
    {
        var path = new Argument<string>("DIR|agents.yaml") { Description = "The project's folder, its .octopoid folder, or its agents.yaml." };
        var image = new Option<string>("--image") { Description = $"The image of the agents, which the old files do not name. Default: {DefaultImage}." };
        image.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: { Length: 0 or > 1024 } }])
            {
                result.AddError("--image must have 1 to 1024 characters.");
            }
        });
        var run = new Option<string?>("--run") { Description = "A script that becomes the entry point run of every blueprint that has none." };
        var directory = new Option<string?>("--directory", "-d") { Description = "Write one file for each object into this folder. Default: all to standard output." };
        var force = new Option<bool>("--force") { Description = "Overwrite files in that folder." };
        var strict = new Option<bool>("--strict") { Description = "Write nothing and fail if any setting has no place." };
        var command = new Command("migrate", "Make manifests of agents.yaml, config.yaml, agents/ and flows/; what has no place is told on standard error.")
        {
            path, image, run, directory, force, strict,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var format = parsed.GetValue(GlobalOptions.Format) switch
            {
                OutputFormat.Table or OutputFormat.Yaml => OutputFormat.Yaml,
                OutputFormat.Json => OutputFormat.Json,
                _ => throw new CliException("migrate writes yaml or json."),
            };
            var entryPoint = parsed.GetValue(run) is { } script ? await ReadAsync(script, cancellationToken).ConfigureAwait(false) : null;
            var (manifests, report) = Convert(parsed.GetValue(path)!, parsed.GetValue(image) ?? DefaultImage, entryPoint, parsed.GetValue(GlobalOptions.Namespace));
            foreach (var line in report.Lines)
            {
                await environment.Error.WriteLineAsync(line).ConfigureAwait(false);
            }

            if (parsed.GetValue(image) is null)
            {
                await environment.Error.WriteLineAsync($"warning: the old files name no image; {DefaultImage} stands in every blueprint. Name yours by --image.").ConfigureAwait(false);
            }

            if (parsed.GetValue(strict) && report.Unplaced > 0)
            {
                throw new CliException($"{Settings(report.Unplaced)} no place, and --strict is given. Nothing was written.");
            }

            if (parsed.GetValue(directory) is { } folder)
            {
                Manifests.Write(folder, format, manifests, parsed.GetValue(force));
            }
            else
            {
                Manifests.Write(environment.Output, format, manifests);
            }

            await environment.Error.WriteLineAsync($"{manifests.Count} objects; {Settings(report.Unplaced)} no place.").ConfigureAwait(false);
            return ExitCodes.Success;
        });
        return command;
    }

    private static Migrated Convert(string path, string image, string? entryPoint, string? space)
    {
        try
        {
            return Migrated.Project(path, image, entryPoint, string.IsNullOrEmpty(space) ? null : space);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"{path}: not all of it can be read: {e.Message}", e);
        }
    }

    private static string Settings(int number) => number == 1 ? "1 setting has" : $"{number} settings have";

    private static async Task<string> ReadAsync(string script, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllTextAsync(script, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"{script}: the script cannot be read: {e.Message}", e);
        }
    }
}
