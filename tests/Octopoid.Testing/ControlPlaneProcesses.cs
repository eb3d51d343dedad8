using System.Net;
using System.Net.Sockets;

namespace Octopoid.Testing;

/// <summary>etcd and API server of a control plane: each can be killed, and started again on the same port and files.</summary>
internal sealed class ControlPlaneProcesses : IAsyncDisposable
{
    // A test that wants 429 puts a proxy in between.
    private static readonly string[] UnthrottledArguments =
        ["--enable-priority-and-fairness=false", "--max-requests-inflight=0", "--max-mutating-requests-inflight=0"];

    private readonly string _binaries;
    private readonly TemporaryFolder _folder;
    private readonly ControlPlaneOptions _options;
    private readonly int[] _ports = FreePorts(3);
    private WatchedProcess? _etcd;
    private WatchedProcess? _apiServer;

    public ControlPlaneProcesses(string binaries, TemporaryFolder folder, ControlPlaneOptions options)
    {
        _binaries = binaries;
        _folder = folder;
        _options = options;
        Etcd = new Uri($"http://127.0.0.1:{_ports[0]}");
        ApiServer = new Uri($"https://127.0.0.1:{_ports[2]}");
    }

    public Uri Etcd { get; }

    public Uri ApiServer { get; }

    /// <summary>The one that has ended without having been killed here; null when there is none.</summary>
    public WatchedProcess? Exited => new[] { _etcd, _apiServer }.FirstOrDefault(process => process is { HasExited: true });

    /// <summary>The end of what the API server wrote, or etcd while there is no API server.</summary>
    public string LastLines() => (_apiServer ?? _etcd)?.LastLines() ?? "";

    public void StartEtcd()
    {
        var peer = $"http://127.0.0.1:{_ports[1]}";
        _etcd = WatchedProcess.Start(
            _folder.Combine("etcd.log"),
            Path.Combine(_binaries, "etcd"),
            [$"--data-dir={_folder.Combine("etcd")}",
            $"--listen-client-urls={Address(Etcd)}",
            $"--advertise-client-urls={Address(Etcd)}",
            $"--listen-peer-urls={peer}",
            $"--initial-advertise-peer-urls={peer}",
            $"--initial-cluster=default={peer}",

            // What was written outlives the process without it, if not the machine.
            .. _options.IsProduction ? (string[])["--quota-backend-bytes=8589934592"] : ["--unsafe-no-fsync"]]);
    }

    public void StartApiServer() => _apiServer = WatchedProcess.Start(
        _folder.Combine("kube-apiserver.log"),
        Path.Combine(_binaries, "kube-apiserver"),
        [.. ApiServerArguments(), .. _options.IsProduction ? [] : UnthrottledArguments, .. _options.IsAudited ? AuditArguments() : []]);

    public Task KillEtcdAsync() => KillAsync(ref _etcd);

    public Task KillApiServerAsync() => KillAsync(ref _apiServer);

    public async ValueTask DisposeAsync()
    {
        await KillApiServerAsync();
        await KillEtcdAsync();
    }

    private string[] AuditArguments() =>
        [$"--audit-policy-file={_folder.Combine("audit-policy.yaml")}", $"--audit-log-path={_folder.Combine("audit.log")}", "--audit-log-maxsize=10000"];

    private string[] ApiServerArguments() =>
    [
        $"--etcd-servers={Address(Etcd)}",
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        $"--secure-port={ApiServer.Port}",
        $"--cert-dir={_folder.Combine("certs")}",
        $"--token-auth-file={_folder.Combine("tokens.csv")}",
        "--authorization-mode=RBAC",
        "--service-account-issuer=https://kubernetes.default.svc",
        $"--service-account-key-file={_folder.Combine("service-accounts.key")}",
        $"--service-account-signing-key-file={_folder.Combine("service-accounts.key")}",
        "--service-cluster-ip-range=10.96.0.0/24",
        "--allow-privileged=true",
        // A loopback address makes no legal endpoint of the service "kubernetes".
        "--endpoint-reconciler-type=none",
        // No controller makes the service account "default", and every pod would be refused for it.
        "--disable-admission-plugins=ServiceAccount",
    ];

    private static Task KillAsync(ref WatchedProcess? process) =>
        Interlocked.Exchange(ref process, null)?.DisposeAsync().AsTask() ?? Task.CompletedTask;

    private static string Address(Uri uri) => uri.GetLeftPart(UriPartial.Authority);

    // All are held open until all are found, or one could come twice.
    private static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(listener => listener.Start());
        var ports = listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port).ToArray();
        listeners.ForEach(listener => listener.Dispose());
        return ports;
    }
}
