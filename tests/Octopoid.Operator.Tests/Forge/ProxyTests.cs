using System.Diagnostics;

namespace Octopoid.Operator.Tests.Forge;

/// <summary>Proxies are read from the environment once in a process, so the client runs in one of its own.</summary>
public sealed class ProxyTests
{
    private const string AsChild = "OCTOPOID_TEST_PROXIED";

    [Fact]
    public async Task Requests_go_through_the_proxy_that_the_environment_names()
    {
        await using var client = await CountingClient.StartAsync();
        client.OpenOfPool(1);
        Assert.Equal(0, await RunAsync(client.Forge.Address.AbsoluteUri));
        Assert.True(client.Forge.ProxiedRequests > 0);
        Assert.All(client.Forge.Requests, request => Assert.Equal("forge.invalid", request.Url.Host));
    }

    [Fact]
    public async Task The_client_in_its_own_process_counts()
    {
        if (Environment.GetEnvironmentVariable(AsChild) is null)
        {
            return;
        }

        // What the environment excepts is asked straight.
        await using var client = await CountingClient.StartAsync();
        Assert.Equal(0, (await client.CountAsync()).Open);
        Assert.Equal((1, 0), (client.Forge.Requests.Count, client.Forge.ProxiedRequests));

        client.Object = client.Object with { Spec = client.Object.Spec with { ApiUrl = "http://forge.invalid/api/v3" } };
        client.Session = client.Open();
        Assert.Equal(1, (await client.CountAsync()).Open);
    }

    private static async Task<int> RunAsync(string proxy)
    {
        string[] arguments = [typeof(ProxyTests).Assembly.Location, "-noLogo", "-method", $"{typeof(ProxyTests).FullName}.{nameof(The_client_in_its_own_process_counts)}"];
        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment[AsChild] = "1";
        foreach (var (name, value) in new Dictionary<string, string> { ["HTTP_PROXY"] = proxy, ["NO_PROXY"] = "127.0.0.1" })
        {
            start.Environment[name] = value;
            start.Environment[name.ToLowerInvariant()] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper?.WriteLine(await output + await error);
        return process.ExitCode;
    }
}
