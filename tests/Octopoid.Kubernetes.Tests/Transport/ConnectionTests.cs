using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Octopoid.Kubernetes.Transport;
using Octopoid.Kubernetes.Watching;
using Octopoid.Testing;

namespace Octopoid.Kubernetes.Tests.Transport;

/// <summary>What a person gets wrong: each is told of once, in words that say how to mend it, and once it is mended all goes on by itself.</summary>
public sealed class ConnectionTests(ControlPlaneFixture fixture) : IClassFixture<ControlPlaneFixture>, IAsyncLifetime
{
    private const string RefusedToken = "s3cret-of-nobody";

    /// <summary>Four of its tries span all pauses that are worth a test; a reading of the configuration is due every half a second.</summary>
    private static readonly TimeProvider Fast = new FastTime(20);

    private readonly ControlPlane _server = fixture.ControlPlane;
    private readonly TemporaryFolder _folder = new("octopoid-connection-");
    private readonly RecordedLog _log = new();
    private readonly CancellationTokenSource _stop = new();
    private TestConnection _connection = null!;
    private Informer<Thing> _informer = null!;
    private string _namespace = "";
    private Task _run = Task.CompletedTask;

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    private string Kubeconfig => _folder.Combine("kubeconfig");

    public async ValueTask InitializeAsync() => _namespace = await _server.CreateNamespaceAsync(CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run;
        _connection?.Dispose();
        _log.Dispose();
        _stop.Dispose();
        await _folder.DisposeAsync();
        foreach (var line in _log.Told)
        {
            TestContext.Current.TestOutputHelper?.WriteLine(line);
        }
    }

    [Fact]
    public async Task A_kubeconfig_that_is_missing_is_read_once_it_is_there()
    {
        Start(ConfigMaps);
        await FailsAsync($"Cannot use kubeconfig {Kubeconfig}: ", "Could not find file", "read again by itself");

        await WriteAsync(ControlPlane.AdminToken);
        await RecoversAsync($"Connected to the API server {_server.Uri}, named by kubeconfig {Kubeconfig}.");
    }

    [Theory]
    [InlineData("a: [", "line 2, column 1")]
    [InlineData($"users: {RefusedToken}", "line 1, column 1")]
    [InlineData($"users:\n- {{name: test, user: {{token: [{RefusedToken}]}}}}", "line 2, column 30")]
    [InlineData($"current-context: test\ncontexts: [{{name: test, context: {{cluster: other, user: {RefusedToken}}}}}]", "Cluster not found")]
    [InlineData("current-context: test", "Context")]
    [InlineData("", "is empty")]
    public async Task A_kubeconfig_that_is_malformed_is_read_once_it_is_mended(string text, string why)
    {
        await File.WriteAllTextAsync(Kubeconfig, text, CancellationToken);
        Start(ConfigMaps);
        await FailsAsync($"Cannot use kubeconfig {Kubeconfig}: ", why, "read again by itself");

        await WriteAsync(ControlPlane.AdminToken);
        await RecoversAsync($"Connected to the API server {_server.Uri}, named by kubeconfig {Kubeconfig}.");
    }

    [Fact]
    public async Task A_token_that_is_refused_is_replaced_by_the_one_that_is_written_in_its_place()
    {
        await WriteAsync(RefusedToken);
        Start(ConfigMaps);
        await FailsAsync($"The API server {_server.Uri} refuses the credentials of kubeconfig {Kubeconfig} (401 Unauthorized)", "renew them there");

        await WriteAsync(ControlPlane.AdminToken);
        await RecoversAsync($"Connected to the API server {_server.Uri}, named by kubeconfig {Kubeconfig}.");
    }

    [Fact]
    public async Task A_credential_plugin_is_run_again_when_its_credentials_are_refused()
    {
        var credential = _folder.Combine("credential.json");
        await File.WriteAllTextAsync(
            Kubeconfig,
            _server.Kubeconfig("x").Replace(
                "{token: x}",
                $"{{exec: {{apiVersion: client.authentication.k8s.io/v1beta1, command: cat, args: [{credential}]}}}}",
                StringComparison.Ordinal),
            CancellationToken);
        await CredentialAsync(RefusedToken);
        Start(ConfigMaps);
        await FailsAsync($"The API server {_server.Uri} refuses the credentials of kubeconfig {Kubeconfig} (401 Unauthorized)");

        await CredentialAsync(ControlPlane.AdminToken);
        await RecoversAsync($"Connected to the API server {_server.Uri}, named by kubeconfig {Kubeconfig}.");

        Task CredentialAsync(string token) => File.WriteAllTextAsync(
            credential,
            $$"""{"apiVersion":"client.authentication.k8s.io/v1beta1","kind":"ExecCredential","status":{"token":"{{token}}"} }""",
            CancellationToken);
    }

    [Fact]
    public async Task A_credential_plugin_that_hangs_holds_no_request_beyond_its_deadline()
    {
        // Its first answer has run out already, so the next request has it run again.
        var (credential, marker, plugin) = (_folder.Combine("credential.json"), _folder.Combine("has-run"), _folder.Combine("plugin"));
        await File.WriteAllTextAsync(
            plugin, $"if [ -e {marker} ]; then exec sleep 30; fi; touch {marker}; cat {credential}", CancellationToken);
        await File.WriteAllTextAsync(
            credential,
            $$"""
            {"apiVersion":"client.authentication.k8s.io/v1beta1","kind":"ExecCredential",
             "status":{"token":"{{ControlPlane.AdminToken}}","expirationTimestamp":"2020-01-01T00:00:00Z"} }
            """,
            CancellationToken);
        await File.WriteAllTextAsync(
            Kubeconfig,
            _server.Kubeconfig("x").Replace(
                "{token: x}",
                $"{{exec: {{apiVersion: client.authentication.k8s.io/v1beta1, command: sh, args: [{plugin}]}}}}",
                StringComparison.Ordinal),
            CancellationToken);
        _connection = new TestConnection(ApiServerConfiguration.Kubeconfig(Kubeconfig), TimeProvider.System);
        var transport = new ApiTransport(_connection.Connection, TimeProvider.System, _connection.Jitter, new ApiMetrics(_connection.Meters))
        {
            RequestTimeout = TimeSpan.FromSeconds(2),
            RetryTimeout = TimeSpan.Zero,
        };
        var start = TimeProvider.System.GetTimestamp();

        await Assert.ThrowsAsync<TimeoutException>(
            () => transport.GetAsync(ConfigMaps.Path.Collection(_namespace), ConfigMaps.ListJson, CancellationToken));

        Assert.True(File.Exists(marker));
        Assert.InRange(TimeProvider.System.GetElapsedTime(start).TotalSeconds, 1, 15);
    }

    [Fact]
    public async Task Rights_that_are_missing_are_named_and_taken_up_when_they_are_granted()
    {
        await WriteAsync(ControlPlane.OutsiderToken);
        Start(ConfigMaps);
        await FailsAsync($"Cannot watch configmaps of {_namespace}: ", "forbidden", $"\"{ControlPlane.Outsider}\"", $"\"{_namespace}\"", "grant list and watch");

        await GrantAsync();
        await RecoversAsync($"Watching configmaps of {_namespace} again.");
    }

    [Fact]
    public async Task A_resource_that_is_not_installed_is_named_and_watched_once_it_is()
    {
        await WriteAsync(ControlPlane.AdminToken);
        Start(Thing.Watched);
        await FailsAsync("Cannot watch things.test.dev: ", "does not serve things.test.dev in version v1", "install its CustomResourceDefinition");

        await InstallThingsAsync();
        await RecoversAsync("Watching things.test.dev again.");
    }

    [Fact]
    public async Task A_certificate_that_is_not_trusted_is_taken_once_its_authority_is_written_in_the_kubeconfig()
    {
        await WriteAsync(ControlPlane.AdminToken, await WriteOtherAuthorityAsync());
        Start(ConfigMaps);
        await FailsAsync($"No secure connection to the API server {_server.Uri}: ", $"certificates in kubeconfig {Kubeconfig}");

        await WriteAsync(ControlPlane.AdminToken);
        await RecoversAsync($"Connected to the API server {_server.Uri}, named by kubeconfig {Kubeconfig}.");
    }

    [Fact]
    public async Task A_mend_that_breaks_the_file_is_told_of_and_mended_in_turn()
    {
        await WriteAsync(RefusedToken);
        Start(ConfigMaps);
        await FailsAsync("(401 Unauthorized)");

        await File.WriteAllTextAsync(Kubeconfig, "a: [", CancellationToken);
        await UntilAsync(
            () => _log.Told[^1].Contains("(401 Unauthorized): renew them there. Cannot use kubeconfig", StringComparison.Ordinal), "it is told");

        await WriteAsync(ControlPlane.AdminToken);
        await RecoversAsync($"Connected to the API server {_server.Uri}, named by kubeconfig {Kubeconfig}.");
    }

    private WatchedResource<Thing> ConfigMaps => Thing.Watched with { Path = new ResourcePath("", "v1", "configmaps"), Namespace = _namespace };

    private void Start(WatchedResource<Thing> resource)
    {
        _connection = new TestConnection(
            ApiServerConfiguration.Kubeconfig(Kubeconfig), Fast, loggers: _log, failures: new FailureLog(TimeProvider.System));
        _informer = _connection.Informer(resource, requestTimeout: TimeSpan.FromMinutes(5));
        _run = _informer.RunAsync(_stop.Token);
    }

    /// <summary>After a few tries, one line has told why, in these words; and whoever asks is told the same.</summary>
    private async Task FailsAsync(params string[] words)
    {
        await UntilAsync(() => _log.Count(1007) >= 4, "it has tried four times");

        var line = Assert.Single(_log.Lines, line => line.Level >= LogLevel.Warning).Text;
        Assert.All(words, word => Assert.Contains(word, line, StringComparison.Ordinal));
        Assert.Equal(_log.Told.Count, _log.Told.Distinct().Count());
        Assert.NotNull(_informer.Failure);
        Assert.True(line.Contains(_informer.Failure, StringComparison.Ordinal) || line == _connection.Problem, _informer.Failure);
        Assert.False(_informer.Synced.IsCompleted);
    }

    /// <summary>The same informer goes on, says so once, and says nothing else; and no line has told a secret.</summary>
    private async Task RecoversAsync(string line)
    {
        await UntilAsync(() => _informer.Synced.IsCompleted && _informer.Failure is null, "the informer is synced");

        Assert.Equal(line, _log.Told[^1]);
        Assert.Equal(_log.Told.Count, _log.Told.Distinct().Count());
        Assert.Null(_connection.Problem);
        foreach (var secret in new[] { RefusedToken, ControlPlane.AdminToken, ControlPlane.OutsiderToken })
        {
            Assert.DoesNotContain(_log.Lines, told => told.Text.Contains(secret, StringComparison.Ordinal));
        }
    }

    private Task WriteAsync(string token, string? certificateAuthority = null) =>
        File.WriteAllTextAsync(Kubeconfig, _server.Kubeconfig(token, certificateAuthority: certificateAuthority), CancellationToken);

    private async Task<string> WriteOtherAuthorityAsync()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var authority = new CertificateRequest("CN=other", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        var path = _folder.Combine("other.crt");
        await File.WriteAllTextAsync(path, authority.ExportCertificatePem(), CancellationToken);
        return path;
    }

    private Task GrantAsync() => ApplyAsync(
        $"/apis/rbac.authorization.k8s.io/v1/namespaces/{_namespace}/roles",
        """{metadata: {name: reader}, rules: [{apiGroups: [""], resources: [configmaps], verbs: [list, watch]}]}""",
        $"/apis/rbac.authorization.k8s.io/v1/namespaces/{_namespace}/rolebindings",
        $$"""
        {metadata: {name: reader}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader},
         subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: {{ControlPlane.Outsider}}}]}
        """);

    private Task InstallThingsAsync() => ApplyAsync(
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
        """
        {metadata: {name: things.test.dev},
         spec: {group: test.dev, scope: Namespaced, names: {plural: things, singular: thing, kind: Thing, listKind: ThingList},
                versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]}}
        """);

    private async Task ApplyAsync(params string[] pathsAndBodies)
    {
        foreach (var pair in pathsAndBodies.Chunk(2))
        {
            (await _server.SendAsync(HttpMethod.Post, pair[0], pair[1], "application/yaml", CancellationToken)).EnsureSuccess();
        }
    }

    private Task UntilAsync(Func<bool> condition, string what) => Eventually.IsAsync(
        condition, TimeSpan.FromSeconds(30), () => $"{what}; the log:\n{string.Join('\n', _log.Lines)}", CancellationToken);
}
