using Octopoid.Cli.Cluster;
using Octopoid.Testing;

namespace Octopoid.Cli.Tests.Cluster;

/// <summary>The kubeconfig is where kubectl looks for it.</summary>
public sealed class KubeconfigFilesTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new("octopoid-kubeconfig-");

    public async ValueTask DisposeAsync()
    {
        Environment.SetEnvironmentVariable("KUBECONFIG", null);
        await _folder.DisposeAsync();
    }

    [Fact]
    public void Of_the_listed_files_those_that_exist_are_read()
    {
        var (first, second) = (Write("first"), Write("second"));
        Environment.SetEnvironmentVariable("KUBECONFIG", string.Join(Path.PathSeparator, first, _folder.Combine("missing"), second));

        Assert.Equal([first, second], KubeconfigFiles.Find(null));
    }

    [Fact]
    public void A_named_file_stands_alone()
    {
        var named = Write("named");
        Environment.SetEnvironmentVariable("KUBECONFIG", Write("other"));

        Assert.Equal([named], KubeconfigFiles.Find(named));
    }

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        var missing = _folder.Combine("missing");
        Environment.SetEnvironmentVariable("KUBECONFIG", missing);

        Assert.Contains(missing, Assert.Throws<CliException>(() => KubeconfigFiles.Find(null)).Message, StringComparison.Ordinal);
    }

    private string Write(string name)
    {
        var path = _folder.Combine(name);
        File.WriteAllText(path, "");
        return path;
    }
}
