using System.Buffers;
using System.Net;
using System.Text.Json;
using Octopoid.Core.Kinds;
using Octopoid.Core.PullRequests;
using Octopoid.Operator.Watch;

namespace Octopoid.Operator.Webhooks;

/// <summary>Judges deliveries. All that one can bring about is that a repository's pull requests are counted sooner: one that is lost, forged or repeated
/// changes nothing else.</summary>
internal sealed class WebhookReceiver(WebhookSecrets secrets, Watches watches, WebhookRelay relay, WebhookLog log, TimeProvider time)
{
    /// <summary>GitHub's longest description, 65,536 characters, stays well below with all that is told around it, in any script. GitLab and Gitea allow longer ones, which hardly
    /// anybody writes: what they tell of has to wait for the next poll.</summary>
    public const int LargestBody = 512 << 10;

    private const string Where = "Webhooks go to /webhooks/github, /webhooks/gitlab or /webhooks/gitea.";
    private const string Forged = "The signature, or token, is by none of the operator's secrets.";

    /// <summary>What all bodies that are being read may take together: who sends at once what nobody signed must not fill the memory.</summary>
    private const int LargestSum = 32 << 20;

    private const int FirstBuffer = 8 << 10;

    /// <summary>GitHub itself gives up after ten.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private long _held;

    /// <summary>Takes one in, and answers it.</summary>
    public async Task ReceiveAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        response.ContentType = "text/plain";
        if (request.Path == "/" && (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)))
        {
            // By this load balancers know that a replica is there.
            await response.WriteAsync(Where, CancellationToken.None).ConfigureAwait(false);
            return;
        }

        var format = WebhookFormat.All.FirstOrDefault(format => request.Path.Equals(format.Path, StringComparison.Ordinal));
        var (result, text) = format is null ? (WebhookResult.Unsupported, Where) : await JudgeAsync(format, context).ConfigureAwait(false);
        log.Note(format?.Name, result);
        if (result == WebhookResult.Aborted)
        {
            context.Abort();
            return;
        }

        response.StatusCode = (int)(format is null ? HttpStatusCode.NotFound : Code(result));
        if (result > WebhookResult.Unknown)
        {
            // A connection is no way to ask again and again. What is still to come of this body, the server throws away for five seconds at most.
            response.Headers.Connection = "close";
        }

        await response.WriteAsync(text + "\n", CancellationToken.None).ConfigureAwait(false);
    }

    private async Task<(WebhookResult Result, string Text)> JudgeAsync(WebhookFormat format, HttpContext context)
    {
        var request = context.Request;
        if (!HttpMethods.IsPost(request.Method) || !request.HasJsonContentType())
        {
            return (WebhookResult.Unsupported, "A webhook is a POST of application/json: choose that as its content type.");
        }

        var known = secrets.Read();
        if (known.Count == 0)
        {
            return (WebhookResult.NoSecret, "The operator has been given no secret for webhooks.");
        }

        // What can be refused is, before a byte of its body is read.
        var proof = format.Proof(request.Headers);
        if (proof.Length == 0)
        {
            return (WebhookResult.Unsigned, "There is no signature, or token: give the webhook its secret.");
        }

        if (!format.SignsBody && !IsProven(format, proof, known, []))
        {
            return (WebhookResult.Forged, Forged);
        }

        if (!watches.Repositories.Parts.All(part => part.Synced.IsCompletedSuccessfully))
        {
            return (WebhookResult.NotReady, "This replica does not know the repositories yet.");
        }

        // Pooled: arrays of this size, made anew for each, would have the whole heap collected again and again. And small at first, whatever length was
        // announced: a length costs its sender nothing.
        var held = 0;
        var body = ArrayPool<byte>.Shared.Rent(FirstBuffer);
        try
        {
            // A read that is abandoned by its token is never over, which Kestrel takes for a bug of ours, and says so each time.
            var reader = request.BodyReader;
            using var deadline = new CancellationTokenSource(Timeout, time);
            using var end = deadline.Token.Register(reader.CancelPendingRead);
            while (true)
            {
                var read = await reader.ReadAsync(CancellationToken.None).ConfigureAwait(false);
                var bytes = (int)read.Buffer.Length;
                var isTooMuch = Interlocked.Add(ref _held, bytes) > LargestSum;
                if (!isTooMuch)
                {
                    body = WithRoomFor(body, held, bytes);
                    read.Buffer.CopyTo(body.AsSpan(held));
                }

                held += bytes;
                reader.AdvanceTo(read.Buffer.End);
                if (isTooMuch || read.IsCanceled)
                {
                    return isTooMuch ? (WebhookResult.Overloaded, "Too many webhooks are being read.") : (WebhookResult.TooSlow, "The body did not come in time.");
                }

                if (read.IsCompleted)
                {
                    return Judge(format, proof, known, request.Headers, body.AsSpan(0, held));
                }
            }
        }
        catch (BadHttpRequestException e)
        {
            return e.StatusCode switch
            {
                (int)HttpStatusCode.RequestEntityTooLarge => (WebhookResult.TooLarge, $"A webhook's body has at most {LargestBody} bytes."),
                (int)HttpStatusCode.BadRequest when !context.RequestAborted.IsCancellationRequested => (WebhookResult.Malformed, "The body is not sent as HTTP has it."),
                _ => (WebhookResult.Aborted, ""),
            };
        }
        catch (IOException)
        {
            // Reset, or the process ends.
            return (WebhookResult.Aborted, "");
        }
        finally
        {
            Interlocked.Add(ref _held, -held);
            ArrayPool<byte>.Shared.Return(body);
        }
    }

    /// <summary>The same buffer, or a larger one with the same in it.</summary>
    private static byte[] WithRoomFor(byte[] body, int held, int more)
    {
        if (held + more <= body.Length)
        {
            return body;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(held + more, 2 * body.Length));
        body.AsSpan(0, held).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(body);
        return larger;
    }

    private (WebhookResult Result, string Text) Judge(
        WebhookFormat format, string proof, IReadOnlyList<byte[]> known, IHeaderDictionary headers, ReadOnlySpan<byte> body)
    {
        if (!IsProven(format, proof, known, body))
        {
            return (WebhookResult.Forged, Forged);
        }

        try
        {
            if (format.ChangedRepository(headers, body) is not { } repository)
            {
                return (WebhookResult.Ignored, "This is not of pull requests: nothing to do.");
            }

            var told = watches.Repositories.Parts.SelectMany(part => part.Lister.Objects).Where(known => IsOf(known, format.Provider, repository)).ToList();
            told.ForEach(known => relay.Tell(RepositoryRules.Key(known)));
            return told.Count > 0
                ? (WebhookResult.Told, $"AgentRepositories that are counted anew: {told.Count}.")
                : (WebhookResult.Unknown, "No AgentRepository of this provider is of this repository: nothing to do.");
        }
        catch (JsonException)
        {
            return (WebhookResult.Malformed, "The body is not what this forge sends.");
        }
    }

    /// <summary>Every secret is tried, whichever fits.</summary>
    private static bool IsProven(WebhookFormat format, string proof, IReadOnlyList<byte[]> known, ReadOnlySpan<byte> body)
    {
        var isProven = false;
        foreach (var secret in known)
        {
            isProven |= format.IsProven(proof, secret, body);
        }

        return isProven;
    }

    /// <summary>By its name alone: a host may have several, and a wrong repository that is counted once more is no harm.</summary>
    private static bool IsOf(AgentRepository repository, RepositoryProvider provider, string name) =>
        repository.Spec.Provider == provider
        && RepositoryAddress.TryParse(repository.Spec, out var address, out _)
        && string.Equals($"{address!.Owner}/{address.Name}", name, StringComparison.OrdinalIgnoreCase);

    private static HttpStatusCode Code(WebhookResult result) => result switch
    {
        // A forge gives up on webhooks that fail again and again: those that need nothing are well.
        WebhookResult.Told => HttpStatusCode.Accepted,
        WebhookResult.Ignored or WebhookResult.Unknown => HttpStatusCode.OK,
        WebhookResult.Unsigned or WebhookResult.Forged => HttpStatusCode.Unauthorized,
        WebhookResult.TooLarge => HttpStatusCode.RequestEntityTooLarge,
        WebhookResult.TooSlow => HttpStatusCode.RequestTimeout,
        WebhookResult.Unsupported => HttpStatusCode.UnsupportedMediaType,
        WebhookResult.Malformed => HttpStatusCode.BadRequest,
        _ => HttpStatusCode.ServiceUnavailable,
    };
}
