using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
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

    /// <summary>A user with no rights but those of everybody; a test may give it some in a namespace of its own.</summary>
    public const string OutsiderToken = "outsider-token";

    /// <summary>The user of <see cref="OutsiderToken"/>.</summary>
    public const string Outsider = "outsider";

    /// <summary>The operator's service account, which may do what the chart lets it and no more.</summary>
    public const string OperatorToken = "operator-token";

    /// <summary>The user of <see cref="OperatorToken"/>.</summary>
    public const string OperatorUser = $"system:serviceaccount:{OperatorNamespace}:octopoid-operator";

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(90);

    private readonly TemporaryFolder _folder = new("octopoid-control-plane-");
    private readonly HttpClient _etcdClient = new();
    private readonly ControlPlaneProcesses _processes;
    private HttpClient? _admin;
    private int _namespaces;

    private ControlPlane(string binaries, ControlPlaneOptions options)
    {
        Binaries = binaries;
        Audit = options.IsAudited ? new AuditLog(_folder.Combine("audit.log")) : null;
        _processes = new ControlPlaneProcesses(binaries, _folder, options);
    }

    /// <summary>The folder of the binaries that run, kubectl among them.</summary>
    public string Binaries { get; }

    public Uri Uri => _processes.ApiServer;

    /// <summary>A kubeconfig of the administrator.</summary>
    public string KubeconfigPath => _folder.Combine("kubeconfig");

    /// <summary>A kubeconfig file for the operator's service account, which may do what the chart lets it and no more.</summary>
    public string OperatorKubeconfigPath => _folder.Combine("operator.kubeconfig");

    /// <summary>The certificates to trust the server by, as PEM.</summary>
    public string CertificateAuthorityPath => Path.Combine(_folder.Path, "certs", "apiserver.crt");

    /// <summary>What was asked of the API server, by its own word; null when it keeps no such log.</summary>
    public AuditLog? Audit { get; }

    /// <summary>The server's version.</summary>
    public Version Version { get; private set; } = null!;

    /// <summary>Starts one and waits until it is ready, about 3 seconds.</summary>
    public static Task<ControlPlane> StartAsync(CancellationToken cancellationToken) => StartAsync(new ControlPlaneOptions(), cancellationToken);

    /// <summary>Starts one and waits until it is ready, about 3 seconds.</summary>
    /// <param name="options">What it does beside.</param>
    /// <param name="cancellationToken">Abandons it.</param>
    public static async Task<ControlPlane> StartAsync(ControlPlaneOptions options, CancellationToken cancellationToken)
    {
        var binaries = await KubernetesBinaries.FolderAsync(cancellationToken);
        for (var tries = 1; ; tries++)
        {
            var controlPlane = new ControlPlane(binaries, options);
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

    /// <summary>Creates a namespace that nobody else uses and answers its name.</summary>
    public async Task<string> CreateNamespaceAsync(CancellationToken cancellationToken)
    {
        var name = $"test-{Interlocked.Increment(ref _namespaces)}";
        var body = $$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"{{name}}"} }""";
        (await SendAsync(HttpMethod.Post, "/api/v1/namespaces", body, "application/json", cancellationToken)).EnsureSuccess();
        return name;
    }

    /// <summary>Kills the API server (SIGKILL).</summary>
    public Task KillApiServerAsync() => _processes.KillApiServerAsync();

    /// <summary>Starts the API server again, on its port and with its certificate, and waits until it is ready.</summary>
    public async Task StartApiServerAsync(CancellationToken cancellationToken)
    {
        _processes.StartApiServer();
        await WaitUntilAsync(
            () => AnswersAsync(async () => (await GetAsync("/readyz", cancellationToken)).Code == HttpStatusCode.OK),
            "the API server is not ready",
            cancellationToken);
    }

    /// <summary>Kills etcd (SIGKILL).</summary>
    public Task KillEtcdAsync() => _processes.KillEtcdAsync();

    /// <summary>Starts etcd again, on its port and with its data, and waits until it is ready.</summary>
    public async Task StartEtcdAsync(CancellationToken cancellationToken)
    {
        _processes.StartEtcd();
        await WaitUntilAsync(
            () => AnswersAsync(async () => (await _etcdClient.GetAsync(new Uri(_processes.Etcd, "health"), cancellationToken)).IsSuccessStatusCode),
            "etcd is not ready",
            cancellationToken);
    }

    /// <summary>Makes etcd forget all versions before the present one: whoever asks for one is answered 410, by an API server that has not kept it.</summary>
    public async Task CompactAsync(CancellationToken cancellationToken)
    {
        var status = await SendToEtcdAsync("v3/maintenance/status", "{}", cancellationToken);
        var revision = (string)status.EnsureSuccess().Json["header"]!["revision"]!;
        var compacted = await SendToEtcdAsync("v3/kv/compaction", $$"""{"revision":"{{revision}}","physical":true}""", cancellationToken);
        if (!compacted.Body.Contains("has been compacted", StringComparison.Ordinal))
        {
            compacted.EnsureSuccess();
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

    /// <summary>A kubeconfig's text.</summary>
    /// <param name="token">Who it is for.</param>
    /// <param name="server">Where the server is reached; null for where it is.</param>
    /// <param name="certificateAuthority">The file of the certificates to trust; null for the right ones.</param>
    public string Kubeconfig(string token, Uri? server = null, string? certificateAuthority = null) => $$"""
            apiVersion: v1
            kind: Config
            current-context: test
            contexts:
              - name: test
                context: {cluster: test, user: test}
            clusters:
              - name: test
                cluster:
                  server: "{{(server ?? Uri).GetLeftPart(UriPartial.Authority)}}"
                  certificate-authority: "{{certificateAuthority ?? CertificateAuthorityPath}}"
            users:
              - name: test
                user: {token: {{token}}}
            """;

    /// <summary>Runs kubectl as administrator; answers its exit code and all that it wrote.</summary>
    public Task<(int ExitCode, string Output)> KubectlAsync(
        string? input, CancellationToken cancellationToken, params IEnumerable<string> arguments) =>
        // Its discovery cache is keyed by host and port, and a port comes back with another server behind it.
        new Kubectl(Path.Combine(Binaries, "kubectl"), KubeconfigPath, _folder.Combine("kubectl-cache"))
            .RunAsync(input, cancellationToken, arguments);

    public async ValueTask DisposeAsync()
    {
        _admin?.Dispose();
        _etcdClient.Dispose();
        await _processes.DisposeAsync();
        await _folder.DisposeAsync();
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        WriteFiles();
        _processes.StartEtcd();
        _processes.StartApiServer();
        await WaitUntilAsync(() => Task.FromResult(File.Exists(CertificateAuthorityPath)), "no certificate appeared", cancellationToken);
        await WaitUntilAsync(IsReadyAsync, "the API server is not ready", cancellationToken);

        // The server makes its namespaces after it has said that it is ready.
        foreach (var name in (string[])["default", "kube-system"])
        {
            await WaitUntilAsync(
                async () => (await GetAsync($"/api/v1/namespaces/{name}", cancellationToken)).Code == HttpStatusCode.OK,
                $"there is no namespace {name}",
                cancellationToken);
        }

        var version = (await GetAsync("/version", cancellationToken)).EnsureSuccess().Json;
        Version = new Version($"{version["major"]}.{((string)version["minor"]!).TrimEnd('+')}");

        Task<bool> IsReadyAsync() => AnswersAsync(async () =>
        {
            // A new one each time: if the certificate's file was still empty, the last one trusts nobody, and no exception has told so.
            _admin?.Dispose();
            _admin = CreateAdmin();
            return (await GetAsync("/readyz", cancellationToken)).Code == HttpStatusCode.OK;
        });
    }

    private static async Task<bool> AnswersAsync(Func<Task<bool>> ask)
    {
        try
        {
            return await ask();
        }
        catch (Exception failure) when (failure is HttpRequestException or CryptographicException)
        {
            // Not listening yet, or the certificate is not written to its end.
            return false;
        }
    }

    private async Task<ApiAnswer> SendToEtcdAsync(string path, string body, CancellationToken cancellationToken)
    {
        using var content = new StringContent(body);
        using var response = await _etcdClient.PostAsync(new Uri(_processes.Etcd, path), content, cancellationToken);
        return new ApiAnswer(response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
    }

    private void WriteFiles()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(_folder.Combine("service-accounts.key"), key.ExportECPrivateKeyPem());
        File.WriteAllText(
            _folder.Combine("tokens.csv"),
            $"""
            {AdminToken},admin,admin-uid,system:masters
            {OperatorToken},{OperatorUser},operator-uid,system:serviceaccounts
            {OutsiderToken},{Outsider},outsider-uid

            """);
        File.WriteAllText(_folder.Combine("audit-policy.yaml"), AuditLog.Policy);
        File.WriteAllText(KubeconfigPath, Kubeconfig(AdminToken));
        File.WriteAllText(OperatorKubeconfigPath, Kubeconfig(OperatorToken));
    }

    /// <summary>A client of the administrator's with connections of its own.</summary>
    public HttpClient CreateAdmin()
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
            if (_processes.Exited is { } exited)
            {
                throw new InvalidOperationException($"A process of the control plane has exited:\n{exited.LastLines()}");
            }

            if (Stopwatch.GetElapsedTime(started) > StartLimit)
            {
                throw new TimeoutException($"After {StartLimit}: {otherwise}.\n{_processes.LastLines()}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }
    }
}
