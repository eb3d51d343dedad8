using System.Net;

namespace Octopoid.Kubernetes.Transport;

/// <summary>A request that the API server answered with a failure: its <c>Status</c> object, typed.</summary>
/// <remarks>A request that got no answer at all is an <see cref="HttpRequestException"/> or a <see cref="TimeoutException"/>:
/// whether it took effect is unknown.</remarks>
public sealed class ApiException : Exception
{
    /// <summary>Makes the error for an answer.</summary>
    /// <param name="code">The HTTP status code.</param>
    /// <param name="reason">The machine-readable reason, e.g. <c>AlreadyExists</c>; empty when the answer had none.</param>
    /// <param name="message">The server's sentence.</param>
    /// <param name="retryAfter">How long the server asks to wait before the next try; null when it does not say.</param>
    public ApiException(HttpStatusCode code, string reason, string message, TimeSpan? retryAfter)
        : base(message)
    {
        Code = code;
        Reason = reason;
        RetryAfter = retryAfter;
    }

    /// <summary>The HTTP status code.</summary>
    public HttpStatusCode Code { get; }

    /// <summary>The machine-readable reason, e.g. <c>AlreadyExists</c>; empty when the answer had none.</summary>
    public string Reason { get; }

    /// <summary>How long the server asks to wait before the next try; null when it does not say.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>True when the object changed, or came to exist, since the caller looked (409 Conflict).</summary>
    public bool IsConflict => Code == HttpStatusCode.Conflict && Reason != "AlreadyExists";

    /// <summary>True when an object of the name is there already (409 AlreadyExists).</summary>
    public bool IsAlreadyExists => Code == HttpStatusCode.Conflict && Reason == "AlreadyExists";

    /// <summary>True when there is no such object, or no such resource (404).</summary>
    public bool IsNotFound => Code == HttpStatusCode.NotFound;

    /// <summary>True when the version asked for is no longer kept (410): list again.</summary>
    public bool IsExpired => Code == HttpStatusCode.Gone;

    /// <summary>True for a failed request of which it is unknown whether it took effect, or that may well succeed when sent again: no answer, a server's
    /// error, too many requests.</summary>
    /// <param name="failure">What the transport threw.</param>
    public static bool IsTransient(Exception failure) => failure switch
    {
        ApiException e => (int)e.Code >= 500 || e.Code is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests,
        HttpRequestException or TimeoutException or IOException => true,
        _ => false,
    };
}
