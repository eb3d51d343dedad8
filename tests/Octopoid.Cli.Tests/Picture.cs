using System.Runtime.CompilerServices;
using Octopoid.Testing;

namespace Octopoid.Cli.Tests;

/// <summary>What a command shows, compared with what it is known to show. <c>OCTOPOID_KEEP=1</c> keeps what is shown now: look at the difference before committing it.</summary>
internal static class Picture
{
    /// <summary>Compares a text with the picture that bears the calling test's name.</summary>
    public static void IsKept(string shown, [CallerMemberName] string name = "")
    {
        var file = RepositoryRoot.Combine("tests", "Octopoid.Cli.Tests", "Pictures", $"{name}.txt");
        if (Environment.GetEnvironmentVariable("OCTOPOID_KEEP") == "1")
        {
            File.WriteAllText(file, shown);
        }

        Assert.Equal(File.Exists(file) ? File.ReadAllText(file) : "", shown);
    }
}
