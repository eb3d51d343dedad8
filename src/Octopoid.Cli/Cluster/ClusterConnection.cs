using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using k8s;
using k8s.Exceptions;
using Microsoft.Extensions.Logging.Abstractions;
using Octopoid.Kubernetes.Transport;

namespace Octopoid.Cli.Cluster;

/// <summary>The caller's own way to the API server: his kubeconfig, his rights.</summary>
internal sealed class ClusterConnection : IDisposable
{
    private readonly KubernetesClientConfiguration _configuration;
    private readonly ApiConnection _connection;
    private readonly ApiTransport _logs;
    private readonly PlainMeters _meters = new();

    private ClusterConnection(KubernetesClientConfiguration configuration, TimeProvider time)
    {
        _configuration = configuration;
        _connection = new ApiConnection(
            new ApiServerConfiguration("the kubeconfig", () => configuration), time, new FailureLog(time), NullLogger<ApiConnection>.Instance);
        var (jitter, metrics) = (new Jitter(new Random()), new ApiMetrics(_meters));
        Transport = new ApiTransport(_connection, time, jitter, metrics) { RetryTimeout = TimeSpan.FromSeconds(2) };

        // The answer begins with the agent's first word, whenever that is.
        _logs = new ApiTransport(_connection, time, jitter, metrics) { RequestTimeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Requests to the API server.</summary>
    public IApiTransport Transport { get; }

    /// <summary>The namespace of the context.</summary>
    public string Namespace => string.IsNullOrEmpty(_configuration.Namespace) ? "default" : _configuration.Namespace;

    /// <summary>Opens it; nothing is sent yet.</summary>
    /// <exception cref="CliException">There is no usable kubeconfig.</exception>
    public static ClusterConnection Open(ClusterOptions options, TimeProvider time)
    {
        try
        {
            return new ClusterConnection(Kubeconfig.Load(options.Context, KubeconfigFiles.Find(options.Kubeconfig)), time);
        }
        catch (Exception e) when (e is KubeConfigException or YamlDotNet.Core.YamlException or FormatException or CryptographicException
            or IOException or UnauthorizedAccessException)
        {
            throw new CliException($"The kubeconfig cannot be used: {e.Message}", e);
        }
    }

    /// <summary>The log of an agent's container.</summary>
    public async Task<Stream> ReadLogAsync(string namespaceName, string pod, bool isFollowed, CancellationToken cancellationToken)
    {
        // Not disposed of: the stream is the answer's.
        var answer = await _logs.OpenAsync(
            $"api/v1/namespaces/{namespaceName}/pods/{pod}/log?container=agent{(isFollowed ? "&follow=true" : "")}", cancellationToken).ConfigureAwait(false);
        return await answer.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _connection.Dispose();
        _meters.Dispose();
    }

    private sealed class PlainMeters : IMeterFactory
    {
        private readonly List<Meter> _meters = [];

        public Meter Create(MeterOptions options)
        {
            var meter = new Meter(options);
            _meters.Add(meter);
            return meter;
        }

        public void Dispose() => _meters.ForEach(meter => meter.Dispose());
    }
}
