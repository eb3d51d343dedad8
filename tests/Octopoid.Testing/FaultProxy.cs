using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Octopoid.Testing;

/// <summary>A TCP proxy on a port of the loopback, which misbehaves when it is told to. TLS passes through it as it is.</summary>
public sealed class FaultProxy : IAsyncDisposable
{
    private readonly IPEndPoint _server;
    private readonly IPEndPoint _endpoint;
    private readonly ConcurrentDictionary<FaultConnection, Task> _connections = new();
    private readonly Lock _gate = new();
    private TaskCompletionSource _forwards = Completed();
    private TcpListener? _listener;
    private Task _accepting = Task.CompletedTask;
    private int _accepted;

    private FaultProxy(Uri server)
    {
        _server = new IPEndPoint(IPAddress.Parse(server.Host), server.Port);
        _endpoint = Listen(new IPEndPoint(IPAddress.Loopback, 0));
        Uri = new UriBuilder(server) { Port = _endpoint.Port }.Uri;
    }

    /// <summary>The server's address with the proxy's port.</summary>
    public Uri Uri { get; }

    /// <summary>How long it holds back what goes to the server.</summary>
    public TimeSpan DelayToServer { get; set; }

    /// <summary>How long it holds back what comes from the server.</summary>
    public TimeSpan DelayFromServer { get; set; }

    /// <summary>How many connections it has taken.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>What it does.</summary>
    public FaultMode Mode { get; private set; }

    /// <summary>Completes when bytes may pass, at once while it forwards.</summary>
    internal Task Forwards => Volatile.Read(ref _forwards).Task;

    /// <summary>Starts one that forwards.</summary>
    /// <param name="server">The server, by an IP address.</param>
    public static FaultProxy Start(Uri server) => new(server);

    /// <summary>Changes what it does, of open connections too.</summary>
    public void Become(FaultMode mode)
    {
        lock (_gate)
        {
            Mode = mode;
            if (mode == FaultMode.Forward)
            {
                _forwards.TrySetResult();
            }
            else if (_forwards.Task.IsCompleted)
            {
                Volatile.Write(ref _forwards, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            }

            if (mode == FaultMode.Refuse)
            {
                _listener?.Dispose();
                _listener = null;
            }
            else if (_listener is null)
            {
                Listen(_endpoint);
            }

            if (mode is FaultMode.Reset or FaultMode.Refuse)
            {
                ResetAll();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        Become(FaultMode.Refuse);
        await _accepting;
        await Task.WhenAll(_connections.Values);
    }

    private static TaskCompletionSource Completed()
    {
        var source = new TaskCompletionSource();
        source.SetResult();
        return source;
    }

    private IPEndPoint Listen(IPEndPoint endpoint)
    {
        var listener = new TcpListener(endpoint);
        listener.Start();
        _listener = listener;
        _accepting = AcceptAsync(listener, _accepting);
        return (IPEndPoint)listener.LocalEndpoint;
    }

    private async Task AcceptAsync(TcpListener listener, Task before)
    {
        await before;
        while (true)
        {
            Socket client;
            try
            {
                client = await listener.AcceptSocketAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                // It listens no more.
                return;
            }

            Take(client);
        }
    }

    private void Take(Socket client)
    {
        Interlocked.Increment(ref _accepted);
        var connection = new FaultConnection(this, client);
        lock (_gate)
        {
            if (Mode is FaultMode.Reset or FaultMode.Refuse)
            {
                connection.Reset();
                connection.Dispose();
                return;
            }

            // Added before it runs, so that its end finds it.
            _connections[connection] = Task.CompletedTask;
            _connections[connection] = Task.Run(() => RunAsync(connection));
        }
    }

    private async Task RunAsync(FaultConnection connection)
    {
        await connection.RunAsync(_server);
        lock (_gate)
        {
            _connections.TryRemove(connection, out _);
            connection.Dispose();
        }
    }

    private void ResetAll()
    {
        foreach (var (connection, _) in _connections)
        {
            connection.Reset();
        }
    }
}
