namespace Octopoid.Testing;

/// <summary>Finds the files of the repository that a test runs in.</summary>
public static class RepositoryRoot
{
    private static readonly Lazy<string> Root = new(Find);

    public static string Combine(params string[] parts) => Path.Combine([Root.Value, .. parts]);

    private static string Find()
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
}
