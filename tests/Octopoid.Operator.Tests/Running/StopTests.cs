using System.Diagnostics;

namespace Octopoid.Operator.Tests.Running;

public sealed class StopTests(ControlPlaneFixture fixture)
{
    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task Told_to_stop_it_ends_in_peace(string signal)
    {
        var start = new ProcessStartInfo(
            "timeout", ["--preserve-status", "--signal", signal, "5", "dotnet", Path.Combine(AppContext.BaseDirectory, "Octopoid.Operator.dll")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["KUBECONFIG"] = fixture.ControlPlane.KubeconfigPath;
        start.Environment["OCTOPOID_CREATE_ORCHESTRATOR"] = "false"; // there can be one only, and other tests make theirs
        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(process.ExitCode == 0, await output + error);
    }
}
