using System.Collections.Concurrent;
using System.Net;
using Octopoid.Core.Kinds;
using Octopoid.Operator.Hosting;

namespace Octopoid.Operator.Forge;

/// <summary>Requests to forges, each answered whole, or not at all in time. Safe for use by several threads at once.</summary>
internal sealed class ForgeTransport(ForgeConnections connections, ForgeMetrics metrics, OperatorIdentity identity, TimeProvider time)
{
    /// <summary>Forges ask not to be asked for much at once; four keep one slow repository from holding up the others.</summary>
    private const int AtOnce = 4;

    private const int RedirectLimit = 5;

    /// <summary>A hundred pull requests with their descriptions are at most a few megabytes.</summary>
    private const int BodyLimit = 32 << 20;

    private readonly ConcurrentDictionary<string, SemaphoreSlim> _places = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>How long a request may take to the last byte of its answer. Longer, and a forge that trickles would hold the count.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Sends a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Abandons it.</param>
    /// <exception cref="ForgeException">No whole answer came in time, or it leads to another host.</exception>
    public async Task<ForgeAnswer> SendAsync(ForgeRequest request, CancellationToken cancellationToken)
    {
        var origin = request.Address.GetLeftPart(UriPartial.Authority);
        var places = _places.GetOrAdd(origin, _ => new SemaphoreSlim(AtOnce));
        await places.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await FollowAsync(request, origin, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            places.Release();
        }
    }

    private async Task<ForgeAnswer> FollowAsync(ForgeRequest request, string origin, CancellationToken cancellationToken)
    {
        Uri? movedTo = null;
        for (var redirects = 0; redirects <= RedirectLimit; redirects++)
        {
            var answer = await ExchangeAsync(request, cancellationToken).ConfigureAwait(false);
            if (!IsRedirect(answer.Code))
            {
                return answer with { MovedTo = movedTo };
            }

            if (!Uri.TryCreate(request.Address, answer.Headers.Location, out var target)
                || !string.Equals(target.GetLeftPart(UriPartial.Authority), origin, StringComparison.OrdinalIgnoreCase))
            {
                throw new ForgeException(
                    Reasons.MalformedAnswer, $"{request.Address.Host} leads to another place ({(int)answer.Code}); credentials are not sent there: is apiUrl right?");
            }

            // Renamed, a repository is found under its number from then on.
            movedTo = answer.Code is HttpStatusCode.MovedPermanently or HttpStatusCode.PermanentRedirect ? target : movedTo;
            request = request with { Address = target };
        }

        throw new ForgeException(Reasons.MalformedAnswer, $"{request.Address.Host} leads in a circle.");
    }

    private async Task<ForgeAnswer> ExchangeAsync(ForgeRequest request, CancellationToken cancellationToken)
    {
        var host = request.Address.Host;
        using var deadline = new CancellationTokenSource(Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            using var message = Message(request);
            using var response = await connections.PoolOf(request.Authorities).SendAsync(message, either.Token).ConfigureAwait(false);
            var clock = response.Headers.Date ?? time.GetUtcNow();
            var body = await ReadAsync(response.Content, host, either.Token).ConfigureAwait(false);
            metrics.Count(host, (int)response.StatusCode);
            return new ForgeAnswer(response.StatusCode, response.Headers, response.Content.Headers.ContentType?.MediaType, body, request.Address)
            {
                Time = clock, Credential = request.Authorization?.Parameter,
            };
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            metrics.Count(host, 0);
            throw new ForgeException(Reasons.ForgeUnreachable, $"{host} gave no whole answer within {Timeout.TotalSeconds:0.#} s.", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException or System.Net.Sockets.SocketException)
        {
            metrics.Count(host, 0);

            // What is no HTTP is quoted, and may be what we sent.
            var (why, credential) = (Innermost(e).Message.TrimEnd('.'), request.Authorization?.Parameter);
            throw credential is { Length: > 0 } && why.Contains(credential, StringComparison.OrdinalIgnoreCase)
                ? new ForgeException(Reasons.ForgeUnreachable, $"No answer from {host}: it said what it was told, and not in HTTP.")
                : new ForgeException(Reasons.ForgeUnreachable, $"No answer from {host}: {why}.", e);
        }
    }

    private HttpRequestMessage Message(ForgeRequest request)
    {
        var message = new HttpRequestMessage(request.Method, request.Address);
        message.Headers.Authorization = request.Authorization;
        message.Headers.TryAddWithoutValidation("User-Agent", $"octopoid-operator/{identity.Version}");
        if (request.ETag is { } tag)
        {
            message.Headers.TryAddWithoutValidation("If-None-Match", tag);
        }

        foreach (var (name, value) in request.Headers)
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }

        return message;
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContent content, string host, CancellationToken cancellationToken)
    {
        using var whole = new MemoryStream();
        var stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            var buffer = new byte[64 << 10];
            while (await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and var read)
            {
                whole.Write(buffer, 0, read);
                if (whole.Length > BodyLimit)
                {
                    throw new ForgeException(Reasons.MalformedAnswer, $"{host} answered with more than {BodyLimit >> 20} MiB.");
                }
            }
        }

        return whole.ToArray();
    }

    private static bool IsRedirect(HttpStatusCode code) => code is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
        or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;

    private static Exception Innermost(Exception e) => e.InnerException is { } inner ? Innermost(inner) : e;
}
