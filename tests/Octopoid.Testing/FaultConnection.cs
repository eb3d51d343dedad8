using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Octopoid.Testing;

/// <summary>One connection through a <see cref="FaultProxy"/>.</summary>
internal sealed class FaultConnection(FaultProxy proxy, Socket client) : IDisposable
{
    private readonly Socket _server = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly CancellationTokenSource _reset = new();

    /// <summary>Passes bytes on until both sides have said their last, or one breaks: then the other is reset.</summary>
    public async Task RunAsync(IPEndPoint server)
    {
        client.NoDelay = true;
        try
        {
            await proxy.Forwards.WaitAsync(_reset.Token);
            await _server.ConnectAsync(server, _reset.Token);
            var toServer = PassAsync(client, _server, () => proxy.DelayToServer);
            var fromServer = PassAsync(_server, client, () => proxy.DelayFromServer);
            await await Task.WhenAny(toServer, fromServer);
            await Task.WhenAll(toServer, fromServer);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            Reset();
        }
    }

    /// <summary>Ends both sides by a reset, at once.</summary>
    public void Reset()
    {
        Abort(client);
        Abort(_server);

        // Not on this thread: who waits for it may want the lock that the caller holds.
        _ = _reset.CancelAsync();
    }

    public void Dispose()
    {
        client.Dispose();
        _server.Dispose();
        _reset.Dispose();
    }

    private static void Abort(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Closed already, or never connected.
        }

        socket.Dispose();
    }

    private async Task PassAsync(Socket from, Socket to, Func<TimeSpan> delay)
    {
        // A line of its own between the ends: a delay moves bytes, it does not make them fewer a second.
        var line = Channel.CreateBounded<(long At, byte[] Bytes)>(256);
        var reading = ReadAsync(from, line.Writer);
        await foreach (var (at, bytes) in line.Reader.ReadAllAsync(_reset.Token))
        {
            if (delay() - Stopwatch.GetElapsedTime(at) is var rest && rest > TimeSpan.Zero)
            {
                await Task.Delay(rest, TimeProvider.System, _reset.Token);
            }

            await proxy.Forwards.WaitAsync(_reset.Token);
            await to.SendAsync(bytes, _reset.Token);
        }

        await reading;
        await proxy.Forwards.WaitAsync(_reset.Token);
        to.Shutdown(SocketShutdown.Send);
    }

    private async Task ReadAsync(Socket from, ChannelWriter<(long At, byte[] Bytes)> line)
    {
        try
        {
            var buffer = new byte[16 * 1024];
            while (await from.ReceiveAsync(buffer, _reset.Token) is var count and > 0)
            {
                await line.WriteAsync((Stopwatch.GetTimestamp(), buffer[..count]), _reset.Token);
            }

            line.Complete();
        }
        catch (Exception e)
        {
            line.Complete(e);
        }
    }
}
