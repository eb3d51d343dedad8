using System.Globalization;

namespace Octopoid.Testing.Forges;

/// <summary>What a <see cref="TestForge"/> does with a request instead of what it should.</summary>
public sealed class ForgeFault
{
    private const string NotJson = "<html><head><title>Sign in</title></head><body><p>Please sign in.</p></body></html>";

    private ForgeFault()
    {
    }

    /// <summary>The answer in place of the true one, which is then not worked out: the request has no effect.</summary>
    internal Func<ForgeRequest, ForgeAnswer>? Instead { get; private init; }

    /// <summary>Makes another answer of the true one.</summary>
    internal Func<ForgeAnswer, ForgeAnswer>? Change { get; private init; }

    /// <summary>What is waited for before the request is worked on.</summary>
    internal Task? Until { get; private init; }

    /// <summary>How the answer comes.</summary>
    internal ForgeDelivery Delivery { get; private init; }

    /// <summary>How long a slow body takes for a byte.</summary>
    internal TimeSpan Pace { get; private init; }

    /// <summary>The clock of a slow body; null for the forge's TimeProvider.</summary>
    internal TimeProvider? PaceClock { get; private init; }

    /// <summary>Another answer; the request has no effect.</summary>
    public static ForgeFault Answer(Func<ForgeRequest, ForgeAnswer> answer) => new() { Instead = answer };

    /// <summary>Another answer; the request has no effect.</summary>
    public static ForgeFault Answer(ForgeAnswer answer) => Answer(_ => answer);

    /// <summary>A status with a message in JSON, e.g. 502 or 503.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="message">What it says.</param>
    public static ForgeFault Error(int status, string message = "Server Error") => Answer(ForgeBodies.Message(status, message));

    /// <summary>The true answer, changed: the request has its effect.</summary>
    public static ForgeFault Changed(Func<ForgeAnswer, ForgeAnswer> change) => new() { Change = change };

    /// <summary>The true answer with another header.</summary>
    /// <param name="name">E.g. <c>Link</c>.</param>
    /// <param name="value">Its value; null takes the header away.</param>
    public static ForgeFault Header(string name, string? value) => Changed(answer => answer.With(name, value));

    /// <summary>403: the credential lacks the permission.</summary>
    public static ForgeFault Forbidden() => Error(403, "Resource not accessible by integration");

    /// <summary>401: the credential is no good, though it is.</summary>
    public static ForgeFault BadCredentials() => Error(401, "Bad credentials");

    /// <summary>404, though it is there.</summary>
    public static ForgeFault NotFound() => Answer(ForgeBodies.NotFound());

    /// <summary>304, though it was not asked whether anything has changed, or it has.</summary>
    public static ForgeFault NotModified() => Answer(new ForgeAnswer(304, ReadOnlyMemory<byte>.Empty));

    /// <summary>The secondary rate limit.</summary>
    /// <param name="status">403 or 429.</param>
    /// <param name="retryAfter">The value of Retry-After, seconds or an HTTP date; null for none.</param>
    public static ForgeFault SecondaryLimit(int status = 403, string? retryAfter = null) =>
        Answer(ForgeBodies.SecondaryLimit(status).With("Retry-After", retryAfter));

    /// <summary>The secondary rate limit with a Retry-After in seconds.</summary>
    public static ForgeFault SecondaryLimit(int status, TimeSpan retryAfter) =>
        SecondaryLimit(status, ((long)retryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture));

    /// <summary>The secondary rate limit with a Retry-After that is a date.</summary>
    public static ForgeFault SecondaryLimit(int status, DateTimeOffset retryAfter) =>
        SecondaryLimit(status, retryAfter.ToString("r", CultureInfo.InvariantCulture));

    /// <summary>A page of HTML, as of a load balancer or a login page.</summary>
    public static ForgeFault Html(int status = 200) => Answer(new ForgeAnswer(status, NotJson, "text/html; charset=utf-8"));

    /// <summary>200 with a body that claims to be JSON.</summary>
    public static ForgeFault InvalidJson(string body = "[{\"number\": oops}]") => Answer(new ForgeAnswer(200, body));

    /// <summary>The true answer with half of its body, and a Content-Length that says just so.</summary>
    public static ForgeFault TruncatedJson() => Changed(answer => answer with { Body = answer.Body[..(answer.Body.Length / 2)] });

    /// <summary>A redirect to another host, for the same path and query.</summary>
    /// <param name="host">The other host's address.</param>
    /// <param name="status">301, 302, 307 or 308.</param>
    public static ForgeFault RedirectTo(Uri host, int status = 302) =>
        Answer(request => ForgeBodies.Redirect(status, host.GetLeftPart(UriPartial.Authority) + request.PathAndQuery));

    /// <summary>A redirect to where the request is already.</summary>
    /// <param name="status">301, 302, 307 or 308.</param>
    public static ForgeFault RedirectLoop(int status = 302) => Answer(request => ForgeBodies.Redirect(status, request.Url.AbsoluteUri));

    /// <summary>No answer until the client goes away; the request has no effect.</summary>
    public static ForgeFault Hang() => new() { Delivery = ForgeDelivery.Never };

    /// <summary>The true answer, as it is when a task ends. A task that fails or is cancelled ends too.</summary>
    public static ForgeFault HeldUntil(Task until) => new() { Until = until };

    /// <summary>A reset connection instead of an answer.</summary>
    /// <param name="hasEffect">True when the request is carried out before that.</param>
    public static ForgeFault Reset(bool hasEffect = false) =>
        new() { Delivery = ForgeDelivery.Reset, Instead = hasEffect ? null : _ => new ForgeAnswer(0, ReadOnlyMemory<byte>.Empty) };

    /// <summary>The true answer's headers and half of its body, then a reset connection.</summary>
    public static ForgeFault CutShort() => new() { Delivery = ForgeDelivery.Half };

    /// <summary>The true answer's headers at once, then its body byte by byte.</summary>
    /// <param name="pace">How long a byte takes.</param>
    /// <param name="clock">By which clock; null for the forge's TimeProvider.</param>
    public static ForgeFault SlowBody(TimeSpan pace, TimeProvider? clock = null) =>
        new() { Delivery = ForgeDelivery.Slow, Pace = pace, PaceClock = clock };

    /// <summary>The true answer's headers at once, and nothing after them until the client goes away.</summary>
    public static ForgeFault HangingBody() => new() { Delivery = ForgeDelivery.HeadersOnly };

    /// <summary>This fault's answer with another delivery: the body comes byte by byte.</summary>
    public ForgeFault Slowly(TimeSpan pace, TimeProvider? clock = null) =>
        new() { Instead = Instead, Change = Change, Until = Until, Delivery = ForgeDelivery.Slow, Pace = pace, PaceClock = clock };
}
