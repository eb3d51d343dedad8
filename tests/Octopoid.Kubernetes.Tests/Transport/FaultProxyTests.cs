using System.Net;
using System.Net.Sockets;
using Octopoid.Testing;

namespace Octopoid.Kubernetes.Tests.Transport;

/// <summary>A proxy that did not do what it says would make the tests that lean on it say nothing.</summary>
public sealed class FaultProxyTests : IAsyncLifetime
{
    private readonly TcpListener _server = new(IPAddress.Loopback, 0);
    private FaultProxy _proxy = null!;
    private Task _echo = Task.CompletedTask;

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _server.Start();
        _echo = EchoAsync();
        _proxy = FaultProxy.Start(new Uri($"tcp://{_server.LocalEndpoint}"));
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        _server.Dispose();
        await _echo;
    }

    [Fact]
    public async Task It_passes_on_what_comes_to_the_last_byte()
    {
        using var client = await ConnectAsync();
        var stream = client.GetStream();
        var sent = new byte[300_000];
        new Random(1).NextBytes(sent);
        var sending = SendAllAsync();

        using var received = new MemoryStream();
        await stream.CopyToAsync(received, CancellationToken);
        await sending;

        Assert.Equal(sent, received.ToArray());

        async Task SendAllAsync()
        {
            await stream.WriteAsync(sent, CancellationToken);
            client.Client.Shutdown(SocketShutdown.Send);
        }
    }

    [Fact]
    public async Task What_it_drops_comes_when_it_forwards_again()
    {
        using var open = await ConnectAsync();
        await EchoOneAsync(open, 1);
        _proxy.Become(FaultMode.Drop);
        using var later = await ConnectAsync();

        var answers = Task.WhenAll(EchoOneAsync(open, 2), EchoOneAsync(later, 3));
        await Assert.ThrowsAsync<TimeoutException>(() => answers.WaitAsync(TimeSpan.FromSeconds(0.5), CancellationToken));

        _proxy.Become(FaultMode.Forward);
        await answers;
    }

    [Fact]
    public async Task It_resets_open_connections_and_new_ones()
    {
        using var open = await ConnectAsync();
        await EchoOneAsync(open, 1);

        _proxy.Become(FaultMode.Reset);

        Assert.Equal(SocketError.ConnectionReset, await ErrorOfAsync(EchoOneAsync(open, 2)));
        Assert.Equal(SocketError.ConnectionReset, await ErrorOfAsync(EchoAnewAsync()));

        async Task EchoAnewAsync()
        {
            using var client = await ConnectAsync();
            await EchoOneAsync(client, 3);
        }
    }

    [Fact]
    public async Task It_refuses_and_is_there_again()
    {
        using var open = await ConnectAsync();
        await EchoOneAsync(open, 1);

        _proxy.Become(FaultMode.Refuse);
        Assert.Equal(SocketError.ConnectionRefused, await ErrorOfAsync(ConnectAsync()));
        Assert.Equal(SocketError.ConnectionReset, await ErrorOfAsync(EchoOneAsync(open, 2)));

        _proxy.Become(FaultMode.Forward);
        using var later = await ConnectAsync();
        await EchoOneAsync(later, 3);
    }

    [Fact]
    public async Task It_delays_each_direction()
    {
        using var client = await ConnectAsync();
        await EchoOneAsync(client, 1);
        (_proxy.DelayToServer, _proxy.DelayFromServer) = (TimeSpan.FromSeconds(0.1), TimeSpan.FromSeconds(0.2));

        var start = TimeProvider.System.GetTimestamp();
        await EchoOneAsync(client, 2);

        Assert.True(TimeProvider.System.GetElapsedTime(start) > TimeSpan.FromSeconds(0.29));
    }

    private static async Task<SocketError> ErrorOfAsync(Task task)
    {
        var failure = await Record.ExceptionAsync(() => task);
        return (failure as SocketException ?? failure?.InnerException as SocketException)?.SocketErrorCode ?? SocketError.Success;
    }

    private static async Task EchoOneAsync(TcpClient client, byte value)
    {
        var buffer = new[] { value };
        await client.GetStream().WriteAsync(buffer, CancellationToken);
        buffer[0] = 0;
        await client.GetStream().ReadExactlyAsync(buffer, CancellationToken);
        Assert.Equal(value, buffer[0]);
    }

    private async Task<TcpClient> ConnectAsync()
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _proxy.Uri.Port, CancellationToken);
        return client;
    }

    private async Task EchoAsync()
    {
        try
        {
            while (true)
            {
                _ = EchoOneClientAsync(await _server.AcceptTcpClientAsync(CancellationToken));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private static async Task EchoOneClientAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                await client.GetStream().CopyToAsync(client.GetStream(), CancellationToken);
                client.Client.Shutdown(SocketShutdown.Send);
            }
            catch (IOException)
            {
                // The proxy has reset it.
            }
        }
    }
}
