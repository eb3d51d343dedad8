using System.Net.Sockets;
using Octopoid.Kubernetes.Tests.Watching;
using static Octopoid.Kubernetes.Tests.Watching.Answers;

namespace Octopoid.Kubernetes.Tests.Transport;

[Collection(Undisturbed.Name)]
public sealed class ApiTransportTests
{
    private const string Path = "apis/test.dev/v1/things";

    [Fact]
    public async Task A_request_whose_body_stalls_ends_when_it_is_cancelled()
    {
        await using var server = await ScriptedServer.StartAsync(speed: 1);
        server.Script(Stalled("{\"items\":["));
        using var cancel = new CancellationTokenSource();
        var get = server.Connection.Transport(TimeSpan.FromMinutes(5)).GetAsync(Path, Thing.Watched.ListJson, cancel.Token);
        await server.UntilAskedAsync(1);

        Assert.False(get.IsCompleted);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => get.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_request_whose_body_stalls_ends_at_its_deadline()
    {
        await using var server = await ScriptedServer.StartAsync(speed: 50);
        server.Script(Stalled("{\"items\":["), Stalled("{\"items\":["));
        var get = server.Connection.Transport(TimeSpan.FromSeconds(20)).GetAsync(Path, Thing.Watched.ListJson, TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<TimeoutException>(() => get.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
    }

    // A soak under resets met it: the exception ended the process. When exactly .NET throws it is a race that no test can win at will.
    [Fact]
    public async Task A_socket_that_is_reset_as_it_is_made_is_a_request_without_an_answer()
    {
        await using var server = await ScriptedServer.StartAsync(speed: 1);
        var reset = new SocketException((int)SocketError.NotConnected);

        var failure = server.Connection.Transport(TimeSpan.FromSeconds(5)).Typed(reset, HttpMethod.Delete, Path);

        Assert.Same(reset, Assert.IsType<HttpRequestException>(failure).InnerException);
        Assert.True(Octopoid.Kubernetes.Transport.ApiException.IsTransient(failure));
    }
}
