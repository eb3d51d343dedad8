namespace Octopoid.Chart.Tests;

/// <summary>
/// The chart's kinds are those of <c>crds/</c>. A copy and not a link: Flux leaves links out when it packs a chart from git, and so do some
/// archives; Helm would then install an operator without its kinds.
/// </summary>
public sealed class CrdsTests
{
    private const string Keep = "OCTOPOID_KEEP";

    [Fact]
    public void The_kinds_are_those_of_the_project()
    {
        var (source, copy) = (RepositoryRoot.Combine("crds"), RepositoryRoot.Combine("charts", "octopoid-operator", "crds"));
        if (Environment.GetEnvironmentVariable(Keep) == "1")
        {
            Directory.Delete(copy, recursive: true);
            Directory.CreateDirectory(copy);
            foreach (var file in Directory.GetFiles(source))
            {
                File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
            }
        }

        Assert.True(
            Contents(source).SequenceEqual(Contents(copy)),
            $"charts/octopoid-operator/crds is not what crds/ is. To renew it:\n  {Keep}=1 dotnet run --project tests/Octopoid.Chart.Tests -- -class '*{nameof(CrdsTests)}'");
    }

    private static IEnumerable<(string Name, string Text)> Contents(string folder) =>
        Directory.GetFiles(folder).Select(file => (Path.GetFileName(file), File.ReadAllText(file))).Order();
}
