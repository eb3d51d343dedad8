using System.Reflection;
using System.Runtime.Loader;

namespace Octopoid.Simulation.Tests.Mutations;

/// <summary>Looks for a bug with the seeds and scenarios of the simulation, in a copy of the program that has it.</summary>
internal static class Hunt
{
    /// <summary>Runs seeds with a bug.</summary>
    /// <param name="mutant">The bug.</param>
    /// <param name="assembly">Its project's assembly with the bug in it.</param>
    /// <param name="first">The first seed.</param>
    /// <param name="last">The last one.</param>
    /// <param name="hasScenarios">True to run the scenarios of <see cref="ScenarioTests"/>, too.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>How it was found; null when nothing finds it.</returns>
    public static string? Run(Mutant mutant, byte[] assembly, int first, int last, bool hasScenarios, CancellationToken cancellationToken)
    {
        var hunt = new Variant(mutant.Project, assembly).LoadFromAssemblyName(typeof(Hunt).Assembly.GetName()).GetType(typeof(Hunt).FullName!)!;
        var run = hunt.GetMethod(nameof(RunHere), BindingFlags.Static | BindingFlags.NonPublic)!;
        return (string?)run.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [first, last, hasScenarios, cancellationToken], null);
    }

    /// <summary>The same, with the program that this class is loaded with.</summary>
    private static string? RunHere(int first, int last, bool hasScenarios, CancellationToken cancellationToken)
    {
        if (hasScenarios)
        {
            foreach (var scenario in typeof(ScenarioTests).GetMethods().Where(method => method.IsDefined(typeof(FactAttribute))))
            {
                if (Failure(() => scenario.Invoke(new ScenarioTests(), BindingFlags.DoNotWrapExceptions, null, null, null)) is { } failure)
                {
                    return $"{scenario.Name}: {failure}";
                }
            }
        }

        return Runs.All(Enumerable.Range(first, last - first + 1), cancellationToken).Failed is { } seed
            ? $"Seed {seed}: {Failure(() => Assert.Null(Runs.Of(seed).Violation))}"
            : null;
    }

    private static string? Failure(Action action)
    {
        try
        {
            action();
            return null;
        }
#pragma warning disable CA1031 // Whatever a bug brings about finds it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return e.Message.ReplaceLineEndings(" ");
        }
    }

    /// <summary>The program with another assembly in place of one of its own.</summary>
    private sealed class Variant(string project, byte[] assembly) : AssemblyLoadContext
    {
        protected override Assembly? Load(AssemblyName assemblyName) =>
            assemblyName.Name == project ? LoadFromStream(new MemoryStream(assembly))
            : assemblyName.Name!.StartsWith("Octopoid.", StringComparison.Ordinal) ? LoadFromAssemblyPath(Path.Combine(AppContext.BaseDirectory, assemblyName.Name + ".dll"))
            : null;
    }
}
