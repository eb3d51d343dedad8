using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Octopoid.Kubernetes.Transport;

namespace Octopoid.Kubernetes.Leases;

/// <summary>Stands for election by a Lease, for ever: leads while it holds the Lease, and stands again when it has lost it.</summary>
/// <remarks>
/// At most one elector counts itself leader at any moment, as long as nobody empties or deletes a held Lease by hand and clocks run at like rates:
/// a holder counts from the <em>start</em> of its last good renewal and stops after <see cref="LeaderElectionOptions.RenewDeadline"/>; the
/// others count from the moment at which they have <em>seen</em> that renewal, and wait for the longer duration that the Lease says. No
/// time of another machine is ever read. One request is in flight at a time, and none outlives its term. Any failure is tried again
/// until the deadline.
/// </remarks>
public sealed partial class LeaderElector
{
    /// <summary>Long enough for a healthy API server; a process that is told to stop must not hang on an ailing one.</summary>
    private static readonly TimeSpan ReleaseTimeout = TimeSpan.FromSeconds(2);

    private static readonly ResourcePath Leases = new("coordination.k8s.io", "v1", "leases");

    private readonly ApiTransport _transport;
    private readonly LeaderElectionOptions _options;
    private readonly TimeProvider _time;
    private readonly Jitter _jitter;
    private readonly FailureLog _failures;
    private readonly ILogger _logger;
    private readonly string _path;
    private readonly string _timeoutQuery;
    private readonly TaskCompletionSource _stood = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Lease? _lease;
    private long _seenAt;

    /// <summary>Makes an elector; <see cref="RunAsync"/> starts it.</summary>
    /// <param name="connection">Where the requests go: one that serves nothing else, so that no other traffic delays a renewal.</param>
    /// <param name="metrics">What counts the requests.</param>
    /// <param name="options">Which Lease, and who we are.</param>
    /// <param name="time">The clock; its timestamps must be monotonic.</param>
    /// <param name="jitter">Keeps the candidates apart.</param>
    /// <param name="failures">Keeps the log from repeating itself.</param>
    /// <param name="logger">Where elections and failures are told.</param>
    public LeaderElector(
        ApiConnection connection,
        ApiMetrics metrics,
        LeaderElectionOptions options,
        TimeProvider time,
        Jitter jitter,
        FailureLog failures,
        ILogger<LeaderElector> logger)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.LeaseDuration, TimeSpan.FromSeconds(3));

        // The server is told the same, so that a write which we have given up does not land much later.
        var timeout = options.RequestTimeout;
        _transport = new ApiTransport(connection, time, jitter, metrics) { RequestTimeout = timeout, RetryTimeout = TimeSpan.Zero };
        _timeoutQuery = $"?timeout={Math.Ceiling(timeout.TotalSeconds)}s";
        _options = options;
        _time = time;
        _jitter = jitter;
        _failures = failures;
        _logger = logger;
        _path = Leases.Object(options.Namespace, options.Name);
    }

    /// <summary>Who leads, as far as was seen; empty when nobody does.</summary>
    public string Leader => _lease?.Spec?.HolderIdentity ?? "";

    /// <summary>Why the Lease cannot be read or written at present, a sentence; null when it can.</summary>
    public string? Failure { get; private set; }

    /// <summary>True when the API server refuses us the Lease: until somebody mends our rights, or makes its namespace, we cannot lead. Who stands by only
    /// reads it, so a right to write that is missing shows when the Lease is free.</summary>
    public bool IsRefused { get; private set; }

    /// <summary>Completes when the first try to be elected is over: won, and the leading begun; or not.</summary>
    public Task Stood => _stood.Task;

    /// <summary>Stands for election and leads, again and again, until told to stop; then gives the Lease up, so that the next leader need not wait.</summary>
    /// <param name="lead">What a leader does, until the token is cancelled: by the loss of the Lease, or because we are told to stop. The Lease is
    /// renewed until it has returned, and no term begins before it has. What it throws ends this run.</param>
    /// <param name="cancellationToken">Tells us to stop.</param>
    public async Task RunAsync(Func<Leadership, CancellationToken, Task> lead, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lead);
        while (!cancellationToken.IsCancellationRequested)
        {
            using var leadership = await StandAsync(cancellationToken).ConfigureAwait(false);
            if (leadership is null)
            {
                return;
            }

            await LeadAsync(leadership, lead, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task LeadAsync(Leadership leadership, Func<Leadership, CancellationToken, Task> lead, CancellationToken cancellationToken)
    {
        LogWon(_options.Identity, _path, leadership.Epoch);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(leadership.Lost, cancellationToken);
        var work = WorkAsync();
        _stood.TrySetResult();
        await RenewUntilAsync(work, leadership).ConfigureAwait(false);
        if (leadership.IsHeld)
        {
            await ReleaseAsync(leadership).ConfigureAwait(false);
        }
        else
        {
            LogLost(_options.Identity, _path, leadership.Epoch);
        }

        try
        {
            await work.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // As it was told.
        }

        // What fails before its first wait fails like any other.
        async Task WorkAsync() => await lead(leadership, end.Token).ConfigureAwait(false);
    }

    /// <summary>Waits until the Lease is ours.</summary>
    /// <returns>The new term; null when told to stop.</returns>
    private async Task<Leadership?> StandAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var pause = _jitter.Spread(_options.RetryPeriod);
            try
            {
                await SeeAsync(cancellationToken).ConfigureAwait(false);
                var wait = TimeUntilFree();

                // Told to stop in the middle of it, we must know whether there is a Lease to release.
                if (wait <= TimeSpan.Zero && await TryAcquireAsync(CancellationToken.None).ConfigureAwait(false) is { } leadership)
                {
                    return leadership;
                }

                Succeed();
                pause = wait > TimeSpan.Zero && wait < pause ? wait : pause;
            }
            catch (Exception) when (cancellationToken.IsCancellationRequested)
            {
                // Whatever form it takes: a failure that coincides with the end comes as it is, without a type.
                return null;
            }
            catch (Exception e) when (IsFailure(e))
            {
                Fail("take part in the election", e);

                // A server in trouble is left alone, but nobody leads meanwhile: for a Lease's time at most.
                var asked = (e as ApiException)?.RetryAfter ?? TimeSpan.Zero;
                pause = asked > _options.LeaseDuration ? _options.LeaseDuration : asked > pause ? asked : pause;
            }

            _stood.TrySetResult();
            await Task.Delay(pause, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return null;
    }

    /// <summary>Looks at the Lease, and notes when it was seen to be renewed.</summary>
    private async Task SeeAsync(CancellationToken cancellationToken)
    {
        Lease? lease;
        try
        {
            lease = await _transport.GetAsync(_path, LeasesJson.Default.Lease, cancellationToken).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // Deleted while somebody held it: that holder does not know yet, so its time goes on.
            lease = _lease is null ? null : _lease with { Metadata = null };
        }

        // Only a new state of the spec is a sign of life: labels and annotations are anybody's.
        if (lease?.Spec != _lease?.Spec)
        {
            _seenAt = _time.GetTimestamp();
        }

        var leader = lease?.Spec?.HolderIdentity ?? "";
        if (leader != Leader && leader.Length > 0 && leader != _options.Identity)
        {
            LogFollows(_options.Identity, leader, _path);
        }

        _lease = lease;
    }

    /// <summary>How long the Lease may still be somebody else's.</summary>
    private TimeSpan TimeUntilFree()
    {
        var spec = _lease?.Spec;
        if (string.IsNullOrEmpty(spec?.HolderIdentity) || spec.HolderIdentity == _options.Identity)
        {
            return TimeSpan.Zero;
        }

        var duration = spec.LeaseDurationSeconds is > 0 and { } seconds ? TimeSpan.FromSeconds(seconds) : _options.LeaseDuration;
        return duration - _time.GetElapsedTime(_seenAt);
    }

    /// <returns>The new term; null when somebody else was faster.</returns>
    private async Task<Leadership?> TryAcquireAsync(CancellationToken cancellationToken)
    {
        var epoch = (_lease?.Spec?.LeaseTransitions ?? 0) + 1;
        var spec = Renewed();
        spec["acquireTime"] = Now();
        spec["leaseTransitions"] = epoch;
        var version = _lease?.Metadata?.ResourceVersion;
        var sentAt = _time.GetTimestamp();
        try
        {
            _lease = version is null
                ? await CreateAsync(spec, cancellationToken).ConfigureAwait(false)
                : await PatchAsync(version, spec, cancellationToken).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsConflict || e.IsAlreadyExists)
        {
            return null;
        }

        _seenAt = _time.GetTimestamp();
        Succeed();
        var leadership = new Leadership(epoch, sentAt, _options, _time);
        if (leadership.IsHeld)
        {
            return leadership;
        }

        leadership.Dispose();
        return null;
    }

    /// <summary>Renews the Lease until the work has ended or the term is lost; then waits for the work.</summary>
    private async Task RenewUntilAsync(Task work, Leadership leadership)
    {
        using var wake = CancellationTokenSource.CreateLinkedTokenSource(leadership.Lost);
        var waking = work.ContinueWith(_ => wake.CancelAsync(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).Unwrap();
        while (true)
        {
            await Task.Delay(_options.RetryPeriod, _time, wake.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (work.IsCompleted || !leadership.IsHeld)
            {
                break;
            }

            try
            {
                // Not ended with the work: what became of it must be known to release the Lease.
                await RenewAsync(leadership, leadership.Lost).ConfigureAwait(false);
                Succeed();
            }
            catch (Exception) when (leadership.Lost.IsCancellationRequested)
            {
                // The loop's condition ends it. A failure that coincides with the loss comes as it is, without a type.
            }
            catch (Exception e) when (IsFailure(e))
            {
                Fail("renew the lease", e);
            }
        }

        leadership.LoseIfOver();
        await waking.ConfigureAwait(false);
    }

    private async Task RenewAsync(Leadership leadership, CancellationToken cancellationToken)
    {
        var sentAt = _time.GetTimestamp();
        if (_lease?.Metadata?.ResourceVersion is not { } version)
        {
            // What became of the last renewal is not known.
            await SeeAsync(cancellationToken).ConfigureAwait(false);
            if (_lease?.Metadata?.ResourceVersion is null || _lease.Spec?.HolderIdentity != _options.Identity || Epoch(_lease) != leadership.Epoch)
            {
                leadership.Lose();
                return;
            }

            version = _lease.Metadata.ResourceVersion;
            sentAt = _time.GetTimestamp();
        }

        var known = _lease;
        _lease = known with { Metadata = null };
        _lease = await PatchAsync(version, Renewed(), cancellationToken).ConfigureAwait(false);
        leadership.Renew(sentAt);
    }

    /// <summary>Empties the Lease, so that the next leader need not wait until it has run out.</summary>
    private async Task ReleaseAsync(Leadership leadership)
    {
        using var deadline = new CancellationTokenSource(ReleaseTimeout, _time);
        try
        {
            if (_lease?.Metadata?.ResourceVersion is null)
            {
                await SeeAsync(deadline.Token).ConfigureAwait(false);
            }

            if (_lease is { Metadata.ResourceVersion: { } version } && Epoch(_lease) == leadership.Epoch && Leader == _options.Identity)
            {
                // Before the write: from now on nobody may act as the leader.
                leadership.Lose();
                var spec = Renewed();
                spec["holderIdentity"] = "";
                _lease = await PatchAsync(version, spec, deadline.Token).ConfigureAwait(false);
                LogReleased(_options.Identity, _path);
            }
        }
        catch (Exception e) when (deadline.IsCancellationRequested || IsFailure(e))
        {
            Fail("release the lease", e);
        }
    }

    private JsonObject Renewed() => new()
    {
        ["holderIdentity"] = _options.Identity,
        ["leaseDurationSeconds"] = (int)_options.LeaseDuration.TotalSeconds,
        ["renewTime"] = Now(),
    };

    private Task<Lease> CreateAsync(JsonObject spec, CancellationToken cancellationToken)
    {
        var lease = new JsonObject
        {
            ["apiVersion"] = "coordination.k8s.io/v1",
            ["kind"] = "Lease",
            ["metadata"] = new JsonObject { ["name"] = _options.Name, ["namespace"] = _options.Namespace },
            ["spec"] = spec,
        };
        return _transport.PostAsync(Leases.Collection(_options.Namespace) + _timeoutQuery, Bytes(lease), LeasesJson.Default.Lease, cancellationToken);
    }

    private Task<Lease> PatchAsync(string version, JsonObject spec, CancellationToken cancellationToken)
    {
        var patch = new JsonObject { ["metadata"] = new JsonObject { ["resourceVersion"] = version }, ["spec"] = spec };
        return _transport.MergePatchAsync(_path + _timeoutQuery, Bytes(patch), LeasesJson.Default.Lease, cancellationToken);
    }

    private static bool IsFailure(Exception e) => e is ApiException or HttpRequestException or TimeoutException;

    private void Fail(string what, Exception e)
    {
        // That another was faster is an answer.
        Failure = e is ApiException { IsConflict: true } ? null : $"cannot {what}: {e.Message}";
        IsRefused = e is ApiException { Code: HttpStatusCode.Forbidden or HttpStatusCode.NotFound };

        // Whoever cannot be reached is told of by the connection.
        var level = ApiConnection.IsCause(e) || e is ApiException { IsConflict: true } ? LogLevel.Debug : LogLevel.Warning;
        if (level == LogLevel.Debug || _failures.IsDue(_path, e.Message))
        {
            LogFailed(level, what, _path, e.Message);
        }
    }

    private void Succeed()
    {
        (Failure, IsRefused) = (null, false);
        _failures.Clear(_path);
    }

    private string Now() => MicroTime.Format(_time.GetUtcNow());

    private static long Epoch(Lease lease) => lease.Spec?.LeaseTransitions ?? 0;

    private static byte[] Bytes(JsonObject json) => System.Text.Encoding.UTF8.GetBytes(json.ToJsonString());

    [LoggerMessage(EventId = 1201, Level = LogLevel.Information, Message = "{Identity} leads: it holds {Lease}, epoch {Epoch}.")]
    private partial void LogWon(string identity, string lease, long epoch);

    [LoggerMessage(EventId = 1202, Level = LogLevel.Warning, Message = "{Identity} leads no more: {Lease} of epoch {Epoch} is lost.")]
    private partial void LogLost(string identity, string lease, long epoch);

    [LoggerMessage(EventId = 1205, Level = LogLevel.Information, Message = "{Identity} stands by: {Leader} holds {Lease}.")]
    private partial void LogFollows(string identity, string leader, string lease);

    [LoggerMessage(EventId = 1203, Level = LogLevel.Information, Message = "{Identity} has released {Lease}.")]
    private partial void LogReleased(string identity, string lease);

    [LoggerMessage(EventId = 1204, Message = "Cannot {What} ({Lease}) yet: {Error}")]
    private partial void LogFailed(LogLevel level, string what, string lease, string error);
}
