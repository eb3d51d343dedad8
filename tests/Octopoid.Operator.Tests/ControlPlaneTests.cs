using k8s;
using Octopoid.Testing;

namespace Octopoid.Operator.Tests;

public sealed class ControlPlaneTests(ControlPlaneFixture fixture)
{
    [Fact]
    public async Task Its_kubeconfig_lets_the_client_library_in()
    {
        var space = await fixture.ControlPlane.CreateNamespaceAsync(TestContext.Current.CancellationToken);
        using var client = ClientLibrary.Connect(fixture.ControlPlane.KubeconfigPath);

        var found = await client.CoreV1.ReadNamespaceAsync(space, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(space, found.Metadata.Name);
    }

    [Fact]
    public async Task A_watched_process_dies_and_its_folder_goes()
    {
        var folder = new TemporaryFolder("octopoid-test-");
        var process = WatchedProcess.Start(folder.Combine("log"), "sh", "-c", "echo started; exec sleep 1000");

        await process.DisposeAsync();
        await folder.DisposeAsync();

        Assert.False(Directory.Exists(folder.Path));
    }

    [Fact]
    public async Task A_watched_process_that_ends_by_itself_says_why()
    {
        await using var folder = new TemporaryFolder("octopoid-test-");
        await using var process = WatchedProcess.Start(folder.Combine("log"), "sh", "-c", "echo no such luck >&2; exit 3");

        await fixture.ControlPlane.WaitUntilAsync(
            () => Task.FromResult(process.HasExited), "the process has not ended", TestContext.Current.CancellationToken);

        Assert.Equal("no such luck", process.LastLines());
    }
}
