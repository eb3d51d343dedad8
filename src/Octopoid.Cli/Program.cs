return await Octopoid.Cli.Commands.CommandLine.RunAsync(args).ConfigureAwait(false);
