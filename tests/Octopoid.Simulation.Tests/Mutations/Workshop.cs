using System.Diagnostics;

namespace Octopoid.Simulation.Tests.Mutations;

/// <summary>A copy of the sources in a folder of its own, where bugs are planted, built and run.</summary>
internal sealed class Workshop : IDisposable
{
    private const string Project = "tests/Octopoid.Simulation.Tests";
    private const string Binaries = "bin/Debug/net10.0";

    /// <summary>What makes a good program, but no difference to a run.</summary>
    private static readonly string[] Options =
        ["-v:q", "-nologo", "-p:TreatWarningsAsErrors=false", "-p:RunAnalyzers=false", "-p:GenerateDocumentationFile=false", "-p:EnforceCodeStyleInBuild=false"];

    private readonly string _folder = Directory.CreateTempSubdirectory("octopoid-mutants-").FullName;

    public Workshop()
    {
        var root = Root();
        foreach (var file in Directory.GetFiles(root, "*.props").Append(Path.Combine(root, "global.json")).Append(Path.Combine(root, "BannedSymbols.txt")))
        {
            File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)));
        }

        Copy(Path.Combine(root, "src"), Path.Combine(_folder, "src"));
        Copy(Path.Combine(root, Project), Path.Combine(_folder, Project));
        File.Copy(Path.Combine(root, "tests", "Directory.Build.props"), Path.Combine(_folder, "tests", "Directory.Build.props"));
    }

    /// <summary>Builds all that is there.</summary>
    /// <returns>What the compiler says; null when it is content.</returns>
    public string? Build(CancellationToken cancellationToken)
    {
        var (code, output) = Run(["build", Project, .. Options], null, cancellationToken);
        return code == 0 ? null : output;
    }

    /// <summary>Builds one project, and puts it in its place: the others see no difference, so they need not be built again.</summary>
    /// <returns>What the compiler says; null when it is content.</returns>
    public string? Rebuild(string project, CancellationToken cancellationToken)
    {
        var (code, output) = Run(["build", $"src/{project}", "--no-restore", "--no-dependencies", .. Options], null, cancellationToken);
        File.Copy(Path.Combine(_folder, "src", project, Binaries, project + ".dll"), Path.Combine(_folder, Project, Binaries, project + ".dll"), overwrite: true);
        return code == 0 ? null : output;
    }

    /// <summary>Runs seeds, and the scenarios beside them.</summary>
    /// <returns>True when none finds anything wrong, and what was said.</returns>
    /// <param name="seeds">The seeds, <c>from..to</c>.</param>
    /// <param name="isAlone">True for the seeds alone.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public (bool IsGood, string Output) Simulate(string seeds, bool isAlone, CancellationToken cancellationToken)
    {
        string[] which = isAlone
            ? ["-method", $"{typeof(SimulationTests).FullName}.{nameof(SimulationTests.Whatever_goes_wrong_caps_hold_no_Job_is_doubled_and_no_task_is_lost)}"]
            : ["-class", typeof(SimulationTests).FullName!];
        var program = Path.Combine(_folder, Project, Binaries, "Octopoid.Simulation.Tests.dll");
        var (code, output) = Run([program, "-noColor", "-noLogo", .. which], seeds, cancellationToken);
        return (code == 0, output);
    }

    /// <summary>Plants a bug.</summary>
    /// <returns>Disposed, it is mended.</returns>
    public IDisposable Plant(Mutant mutant)
    {
        var file = Path.Combine([_folder, "src", .. mutant.File.Split('/')]);
        var text = File.ReadAllText(file);
        Assert.True(text.Split(mutant.Old).Length == 2, $"{mutant.Name}: {mutant.File} has not exactly one: {mutant.Old}");
        File.WriteAllText(file, text.Replace(mutant.Old, mutant.New, StringComparison.Ordinal));
        return new Planted(file, text);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Octopoid.Operator.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"There is no Octopoid.Operator.sln in or above {AppContext.BaseDirectory}.");
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }

        foreach (var folder in Directory.GetDirectories(from).Where(folder => Path.GetFileName(folder) is not ("bin" or "obj" or "TestResults")))
        {
            Copy(folder, Path.Combine(to, Path.GetFileName(folder)));
        }
    }

    private (int Code, string Output) Run(IReadOnlyList<string> arguments, string? seeds, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = _folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment[Seeds.Variable] = seeds;
        start.Environment[Seeds.BriefVariable] = "true";
        using var process = Process.Start(start)!;
        using var kill = cancellationToken.Register(() => process.Kill(entireProcessTree: true));
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        cancellationToken.ThrowIfCancellationRequested();
        return (process.ExitCode, output + errors.Result);
    }

    private sealed class Planted(string file, string text) : IDisposable
    {
        public void Dispose() => File.WriteAllText(file, text);
    }
}
