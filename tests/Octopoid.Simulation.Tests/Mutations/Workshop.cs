using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace Octopoid.Simulation.Tests.Mutations;

/// <summary>The sources of the operator's projects, in memory, where bugs are planted and compiled: the files stay as they are.</summary>
internal sealed class Workshop
{
    private const string Sources = "src";

    private static readonly CSharpParseOptions Language = new(LanguageVersion.Latest, DocumentationMode.None);

    /// <summary>Everything that the tests' own process runs with.</summary>
    private static readonly IReadOnlyList<MetadataReference> References =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(file => MetadataReference.CreateFromFile(file))];

    private readonly string _root = Root();
    private readonly ConcurrentDictionary<string, CSharpCompilation> _projects = [];

    /// <summary>Finds the one place where a bug goes.</summary>
    /// <returns>The file's text with the bug in it.</returns>
    public string Plant(Mutant mutant)
    {
        var text = File.ReadAllText(PathOf(mutant));
        Assert.True(text.Split(mutant.Old).Length == 2, $"{mutant.Name}: {mutant.File} has not exactly one: {mutant.Old}");
        return text.Replace(mutant.Old, mutant.New, StringComparison.Ordinal);
    }

    /// <summary>Compiles the project of a bug with the bug in it.</summary>
    /// <returns>The assembly.</returns>
    public byte[] Build(Mutant mutant)
    {
        var compilation = _projects.GetOrAdd(mutant.Project, Read);
        var file = PathOf(mutant);
        var tree = compilation.SyntaxTrees.Single(tree => tree.FilePath == file);
        using var assembly = new MemoryStream();
        var result = compilation.ReplaceSyntaxTree(tree, Parse(file, Plant(mutant))).Emit(assembly, manifestResources: ResourcesOf(mutant.Project));
        Assert.True(result.Success, $"{mutant.Name} does not compile: {string.Join('\n', result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error))}");
        return assembly.ToArray();
    }

    private static SyntaxTree Parse(string file, string text) => CSharpSyntaxTree.ParseText(SourceText.From(text), Language, file);

    private static IEnumerable<ResourceDescription> ResourcesOf(string project)
    {
        var built = Assembly.Load(project);
        return built.GetManifestResourceNames().Select(name => new ResourceDescription(name, () => built.GetManifestResourceStream(name)!, isPublic: true));
    }

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

    private string PathOf(Mutant mutant) => Path.Combine([_root, Sources, .. mutant.File.Split('/')]);

    /// <summary>A project as it was last built: its sources, and what the build made beside them below <c>obj</c>.</summary>
    private CSharpCompilation Read(string project)
    {
        var folder = Path.Combine(_root, Sources, project);
        // The tests' own configuration and framework: .../bin/Debug/net10.0.
        var built = Path.Combine(folder, "obj", Path.GetRelativePath(Path.Combine(_root, "tests", typeof(Workshop).Assembly.GetName().Name!, "bin"), AppContext.BaseDirectory));
        var files = Files(folder, SearchOption.TopDirectoryOnly)
            .Concat(Directory.GetDirectories(folder).Where(below => Path.GetFileName(below) is not ("bin" or "obj")).SelectMany(below => Files(below, SearchOption.AllDirectories)))
            .Concat(Files(built, SearchOption.TopDirectoryOnly))
            // What intercepts calls is bound to their places, and serves no request here.
            .Concat(Files(Path.Combine(built, "generated"), SearchOption.AllDirectories).Where(file => !file.Contains("RequestDelegateGenerator", StringComparison.Ordinal)));
        var kind = Assembly.Load(project).EntryPoint is null ? OutputKind.DynamicallyLinkedLibrary : OutputKind.ConsoleApplication;
        return CSharpCompilation.Create(
            project,
            files.Select(file => Parse(file, File.ReadAllText(file))),
            References.Where(reference => Path.GetFileNameWithoutExtension(reference.Display) != project),
            new CSharpCompilationOptions(kind, optimizationLevel: OptimizationLevel.Release, nullableContextOptions: NullableContextOptions.Enable, concurrentBuild: true));
    }

    private static string[] Files(string folder, SearchOption option) => Directory.Exists(folder) ? Directory.GetFiles(folder, "*.cs", option) : [];
}
