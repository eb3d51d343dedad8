using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Octopoid.Testing;

/// <summary>
/// A real API server and its etcd on free ports of the loopback, with everything they write in a temporary folder. No controllers and
/// no nodes: Jobs make no pods, nothing is garbage collected. Several can run side by side.
/// </summary>
public sealed class ControlPlane : IAsyncDisposable
{
    /// <summary>A member of <c>system:masters</c>; to act as somebody else, impersonate.</summary>
    public const string AdminToken = "admin-token";

    /// <summary>The namespace that the chart is installed into.</summary>
    public const string OperatorNamespace = "octopoid-system";

    private const string OperatorToken = "operator-token";

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(90);

    private readonly TemporaryFolder _folder = new("octopoid-control-plane-");
    private readonly List<WatchedProcess> _processes = [];
    private HttpClient? _admin;

    private ControlPlane(string binaries) => Binaries = binaries;

    /// <summary>The folder of the binaries that run, kubectl among them.</summary>
    public string Binaries { get; }

    public Uri Uri { get; private set; } = null!;

    /// <summary>A kubeconfig of the administrator.</summary>
    public string KubeconfigPath => _folder.Combine("kubeconfig");

    /// <summary>A kubeconfig file for the operator's service account, which may do what the chart lets it and no more.</summary>
    public string OperatorKubeconfigPath => _folder.Combine("operator.kubeconfig");

    /// <summary>The certificates to trust the server by, as PEM.</summary>
    public string CertificateAuthorityPath => Path.Combine(_folder.Path, "certs", "apiserver.crt");

    /// <summary>The server's version.</summary>
    public Version Version { get; private set; } = null!;

    /// <summary>Starts one and waits until it is ready, about 3 seconds.</summary>
    public static async Task<ControlPlane> StartAsync(CancellationToken cancellationToken)
    {
        var binaries = await KubernetesBinaries.FolderAsync(cancellationToken);
        for (var tries = 1; ; tries++)
        {
            var controlPlane = new ControlPlane(binaries);
            try
            {
                await controlPlane.RunAsync(cancellationToken);
                return controlPlane;
            }
            catch (InvalidOperationException failure) when (tries < 3 && failure.Message.Contains("in use", StringComparison.Ordinal))
            {
                // Another process took one of the ports between our finding it free and the server's opening it.
                await controlPlane.DisposeAsync();
            }
            catch
            {
                await controlPlane.DisposeAsync();
                throw;
            }
        }
    }

    /// <summary>Creates the five CRDs and waits until their resources are served.</summary>
    public async Task ApplyCrdsAsync(CancellationToken cancellationToken)
    {
        var plurals = new List<string>();
        foreach (var file in Directory.GetFiles(RepositoryRoot.Combine("crds"), "*.yaml"))
        {
            var text = await File.ReadAllTextAsync(file, cancellationToken);
            var created = await SendAsync(
                HttpMethod.Post, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", text, "application/yaml", cancellationToken);
            plurals.Add((string)created.EnsureSuccess().Json["spec"]!["names"]!["plural"]!);
        }

        foreach (var plural in plurals)
        {
            await WaitUntilAsync(
                async () => (await GetAsync($"/apis/octopoid.dev/v1alpha1/{plural}", cancellationToken)).Code == HttpStatusCode.OK,
                $"{plural} are not served",
                cancellationToken);
        }
    }

    public Task<ApiAnswer> GetAsync(string path, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, path, null, "application/json", cancellationToken);

    /// <summary>Sends one request as administrator. A refusal is an answer, not an exception.</summary>
    public async Task<ApiAnswer> SendAsync(
        HttpMethod method, string path, string? body, string contentType, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(Uri, path));
        request.Headers.Accept.ParseAdd("application/json");
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue(contentType));
        using var response = await _admin!.SendAsync(request, cancellationToken);
        return new ApiAnswer(response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
    }

    /// <summary>Runs kubectl as administrator; answers its exit code and all that it wrote.</summary>
    public Task<(int ExitCode, string Output)> KubectlAsync(
        string? input, CancellationToken cancellationToken, params IEnumerable<string> arguments) =>
        // Its discovery cache is keyed by host and port, and a port comes back with another server behind it.
        new Kubectl(Path.Combine(Binaries, "kubectl"), KubeconfigPath, _folder.Combine("kubectl-cache"))
            .RunAsync(input, cancellationToken, arguments);

    public async ValueTask DisposeAsync()
    {
        _admin?.Dispose();
        foreach (var process in Enumerable.Reverse(_processes))
        {
            await process.DisposeAsync();
        }

        await _folder.DisposeAsync();
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        var ports = FreePorts(3);
        Uri = new Uri($"https://127.0.0.1:{ports[2]}");
        WriteFiles();
        _processes.Add(StartEtcd($"http://127.0.0.1:{ports[0]}", $"http://127.0.0.1:{ports[1]}"));
        _processes.Add(StartApiServer($"http://127.0.0.1:{ports[0]}"));
        await WaitUntilAsync(() => Task.FromResult(File.Exists(CertificateAuthorityPath)), "no certificate appeared", cancellationToken);
        await WaitUntilAsync(IsReadyAsync, "the API server is not ready", cancellationToken);
        var version = (await GetAsync("/version", cancellationToken)).EnsureSuccess().Json;
        Version = new Version($"{version["major"]}.{((string)version["minor"]!).TrimEnd('+')}");

        async Task<bool> IsReadyAsync()
        {
            try
            {
                _admin ??= CreateAdmin();
                return (await GetAsync("/readyz", cancellationToken)).Code == HttpStatusCode.OK;
            }
            catch (Exception failure) when (failure is HttpRequestException or CryptographicException)
            {
                // Not listening yet, or the certificate is not written to its end: of an empty file, no exception tells.
                _admin?.Dispose();
                _admin = null;
                return false;
            }
        }
    }

    private void WriteFiles()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(_folder.Combine("service-accounts.key"), key.ExportECPrivateKeyPem());
        File.WriteAllText(
            _folder.Combine("tokens.csv"),
            $"""
            {AdminToken},admin,admin-uid,system:masters
            {OperatorToken},system:serviceaccount:{OperatorNamespace}:octopoid-operator,operator-uid,system:serviceaccounts

            """);
        File.WriteAllText(KubeconfigPath, Kubeconfig(AdminToken));
        File.WriteAllText(OperatorKubeconfigPath, Kubeconfig(OperatorToken));
    }

    private string Kubeconfig(string token) => $$"""
            apiVersion: v1
            kind: Config
            current-context: test
            contexts:
              - name: test
                context: {cluster: test, user: test}
            clusters:
              - name: test
                cluster:
                  server: "{{Uri.GetLeftPart(UriPartial.Authority)}}"
                  certificate-authority: "{{CertificateAuthorityPath}}"
            users:
              - name: test
                user: {token: {{token}}}
            """;

    private WatchedProcess StartEtcd(string client, string peer) => WatchedProcess.Start(
        _folder.Combine("etcd.log"),
        Path.Combine(Binaries, "etcd"),
        $"--data-dir={_folder.Combine("etcd")}",
        "--unsafe-no-fsync",
        $"--listen-client-urls={client}",
        $"--advertise-client-urls={client}",
        $"--listen-peer-urls={peer}",
        $"--initial-advertise-peer-urls={peer}",
        $"--initial-cluster=default={peer}");

    private WatchedProcess StartApiServer(string etcd) => WatchedProcess.Start(
        _folder.Combine("kube-apiserver.log"),
        Path.Combine(Binaries, "kube-apiserver"),
        $"--etcd-servers={etcd}",
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        $"--secure-port={Uri.Port}",
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
        // Tests measure the operator, not the server's throttle; one that wants 429 puts a proxy in between.
        "--enable-priority-and-fairness=false",
        "--max-requests-inflight=0",
        "--max-mutating-requests-inflight=0");

    private HttpClient CreateAdmin()
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(CertificateAuthorityPath);
        var handler = new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy } };
        var client = new HttpClient(handler);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", AdminToken);
        return client;
    }

    /// <summary>Asks until the answer is yes; throws when the server has died, or after a minute and a half.</summary>
    public async Task WaitUntilAsync(Func<Task<bool>> condition, string otherwise, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (_processes.Find(process => process.HasExited) is { } exited)
            {
                throw new InvalidOperationException($"A process of the control plane has exited:\n{exited.LastLines()}");
            }

            if (Stopwatch.GetElapsedTime(started) > StartLimit)
            {
                throw new TimeoutException($"After {StartLimit}: {otherwise}.\n{_processes[^1].LastLines()}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }
    }

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
