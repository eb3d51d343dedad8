using System.Net;
using Microsoft.Extensions.Logging;
using YamlDotNet.Core;

namespace Octopoid.Kubernetes.Transport;

/// <summary>
/// The pooled HTTP/2 connections to the API server and the credentials on them, both as KubernetesClient has read them. When
/// they no longer serve (no answer, a certificate that is not trusted, 401), the configuration is read again: so a kubeconfig that is
/// mended, a rotated certificate authority and a renewed certificate are taken up without a restart. Tokens of service accounts and of
/// credential plugins are renewed by the client library itself.
/// </summary>
/// <remarks>Each has sockets of its own. Safe for use by several threads at once.</remarks>
public sealed partial class ApiConnection : IDisposable
{
    private const string What = "connection";

    /// <summary>Reading again costs a new TLS handshake and maybe a plugin's run. Every 10 s is soon enough for a person who mends a file, and
    /// no burden on a server that is down.</summary>
    private static readonly TimeSpan ReloadInterval = TimeSpan.FromSeconds(10);

    private readonly ApiServerConfiguration _configuration;
    private readonly TimeProvider _time;
    private readonly FailureLog _failures;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private volatile Opened? _current;
    private ApiClient? _retired;
    private Task<Opened>? _opening;
    private volatile bool _isSuspect;
    private volatile bool _hasAnswered;
    private volatile string? _problem = "not connected yet";
    private volatile string? _unusable;

    /// <summary>Makes a connection; opens nothing yet.</summary>
    /// <param name="configuration">Server and credentials.</param>
    /// <param name="time">The clock between readings of the configuration.</param>
    /// <param name="failures">Keeps the log from repeating itself; shared by the connections of a process.</param>
    /// <param name="logger">Where failures are told.</param>
    public ApiConnection(ApiServerConfiguration configuration, TimeProvider time, FailureLog failures, ILogger<ApiConnection> logger)
    {
        _configuration = configuration;
        _time = time;
        _failures = failures;
        _logger = logger;
    }

    /// <summary>Why the API server cannot be talked to, a sentence for a person; null when it can.</summary>
    public string? Problem => _problem;

    /// <summary>True for a failure of the connection or of our credentials, and not of one request alone. The connection tells of it once, so
    /// whoever's request it was need not.</summary>
    /// <param name="failure">What the transport threw.</param>
    public static bool IsCause(Exception failure) => failure is not ApiException or ApiException { Code: HttpStatusCode.Unauthorized };

    /// <inheritdoc/>
    public void Dispose()
    {
        _retired?.Dispose();
        _current?.Client.Dispose();
    }

    /// <summary>The client to send the next request by.</summary>
    /// <exception cref="HttpRequestException">There is no usable configuration.</exception>
    internal async ValueTask<ApiClient> ClientAsync(CancellationToken cancellationToken)
    {
        if (_current is { } current && !(_isSuspect && _time.GetElapsedTime(current.At) > ReloadInterval))
        {
            return current.Client;
        }

        Task<Opened> opening;
        lock (_gate)
        {
            // One reading at a time, on a thread of its own: a plugin may hang, and must not hold up the lease with it.
            opening = _opening is { IsCompleted: false } ? _opening : _opening = Task.Run(Open, CancellationToken.None);
        }

        return (await opening.WaitAsync(cancellationToken).ConfigureAwait(false)).Client;
    }

    /// <summary>Notes that the server has answered and knows us.</summary>
    internal void ReportAnswer()
    {
        if (_hasAnswered && _problem is null)
        {
            return;
        }

        (_isSuspect, _problem, _unusable) = (false, null, null);
        if (_failures.Clear(What) | !_hasAnswered)
        {
            LogConnected(_current?.Client.Server, _configuration.Source);
        }

        _hasAnswered = true;
    }

    /// <summary>Notes that a request has failed. A refusal is an answer, but for that of our credentials.</summary>
    internal void ReportFailure(Exception failure)
    {
        if (!IsCause(failure))
        {
            ReportAnswer();
            return;
        }

        _isSuspect = true;
        _problem = _unusable is { } unusable ? $"{Describe(failure)} {unusable}" : Describe(failure);
        if (_failures.IsDue(What, _problem))
        {
            LogFailed(_problem);
        }
    }

    private Opened Open()
    {
        try
        {
            return Replace(new ApiClient(_configuration.Load()));
        }
        catch (Exception e) when (_current is { } known)
        {
            // A file in the middle of being mended: what worked until now may work again. If it does not, whoever mends it must know.
            _unusable = Unusable(e);
            return _current = known with { At = _time.GetTimestamp() };
        }
        catch (Exception e)
        {
            throw new HttpRequestException(Unusable(e), e);
        }
    }

    private Opened Replace(ApiClient client)
    {
        lock (_gate)
        {
            // Requests may still be under way on the one before, but not on the one before that.
            _retired?.Dispose();
            _retired = _current?.Client;
            (_isSuspect, _unusable) = (false, null);
            return _current = new Opened(client, _time.GetTimestamp());
        }
    }

    private string Unusable(Exception e)
    {
        var reason = e switch
        {
            // The library's own words name types of .NET at best, and at worst what stands there: it may be a secret.
            YamlException { Start: var at } => $"line {at.Line}, column {at.Column}: not what a kubeconfig has there",
            NullReferenceException => "it is empty, or a part of it is",
            _ => e.Message,
        };
        return $"Cannot use {_configuration.Source}: {reason.TrimEnd('.')}. It is read again by itself once it is mended.";
    }

    private string Describe(Exception failure)
    {
        var server = _current?.Client.Server;
        return failure switch
        {
            ApiException => $"The API server {server} refuses the credentials of {_configuration.Source} (401 Unauthorized): renew them there.",
            HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError, InnerException: { } inner } =>
                $"No secure connection to the API server {server}: {inner.Message.TrimEnd('.')}. Look at the certificates in {_configuration.Source}.",
            HttpRequestException when server is null => failure.Message,
            _ => $"No answer from the API server {server}, named by {_configuration.Source}: {failure.Message}",
        };
    }

    [LoggerMessage(EventId = 1101, Level = LogLevel.Information, Message = "Connected to the API server {Server}, named by {Source}.")]
    private partial void LogConnected(Uri? server, string source);

    [LoggerMessage(EventId = 1102, Level = LogLevel.Warning, Message = "{Problem}")]
    private partial void LogFailed(string problem);

    private sealed record Opened(ApiClient Client, long At);
}
