using System.Net;
using Octopoid.Core.Kinds;
using Octopoid.Core.PullRequests;

namespace Octopoid.Operator.Forge;

/// <summary>What a forge's refusals mean: HTTP's codes are the same for all; what the body says, and which headers tell of a quota, is the provider's to read.</summary>
internal static class ForgeRefusal
{
    private const int MessageLength = 200;

    /// <summary>A limit without a time asks for a minute at least.</summary>
    private static readonly TimeSpan LimitWithoutTime = TimeSpan.FromMinutes(1);

    /// <summary>A window is an hour at most; what is said to be further off is no time to go by.</summary>
    private static readonly TimeSpan LongestWindow = TimeSpan.FromDays(1);

    /// <summary>What a refusal means.</summary>
    /// <param name="answer">An answer that is neither a success nor "not modified".</param>
    /// <param name="message">What its body says; null where it says nothing.</param>
    /// <param name="limits">The names of its quota's headers.</param>
    /// <param name="now">The time.</param>
    public static CountFailure Judge(ForgeAnswer answer, string? message, QuotaHeaders limits, DateTimeOffset now)
    {
        var (host, code, said) = (answer.Address.Host, (int)answer.Code, Sentence(answer, message));
        var retryAfter = answer.Headers.RetryAfter is { } header ? header.Delta ?? (header.Date is { } date ? Until(date, answer) : null) : null;
        var failure = answer.Code switch
        {
            HttpStatusCode.Unauthorized => new CountFailure(Reasons.ForgeRefused, $"{host} refuses the credentials (401){said}"),
            HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests when (retryAfter ?? Limited(answer, said, limits)) is { } pause =>
                new CountFailure(Reasons.RateLimited, $"{host} grants no more requests for now ({code}){said}") { RetryAfter = pause },
            HttpStatusCode.Forbidden => new CountFailure(Reasons.ForgeRefused, $"{host} does not allow these credentials to read its pull requests (403){said}"),
            HttpStatusCode.NotFound or HttpStatusCode.Gone or HttpStatusCode.UnavailableForLegalReasons => new CountFailure(
                Reasons.RepositoryNotFound, $"{host} has no such repository, or does not show it to these credentials ({code}){said}"),
            >= HttpStatusCode.InternalServerError => new CountFailure(Reasons.ForgeFailed, $"{host} has a failure of its own ({code}){said}") { RetryAfter = retryAfter },
            _ => new CountFailure(Reasons.MalformedAnswer, $"{host} answered with {code}{said}"),
        };
        return failure with { Quota = Quota(answer, limits, now) };
    }

    /// <summary>What is left of the quota; null where the forge does not say.</summary>
    public static ForgeQuota? Quota(ForgeAnswer answer, QuotaHeaders limits, DateTimeOffset now) =>
        (answer.Number(limits.Limit), answer.Number(limits.Remaining), UntilReset(answer, limits)) is ({ } limit, { } remaining, { } window)
            ? new ForgeQuota((int)Math.Min(limit, int.MaxValue), (int)Math.Min(remaining, int.MaxValue), now + window)
            : null;

    /// <summary>How long the forge is to be left alone because a limit is reached; null when none is.</summary>
    private static TimeSpan? Limited(ForgeAnswer answer, string said, QuotaHeaders limits) =>
        answer.Number(limits.Remaining) == 0 && UntilReset(answer, limits) is { } window ? window + TimeSpan.FromSeconds(1)
        : answer.Code == HttpStatusCode.TooManyRequests
            || said.Contains("rate limit", StringComparison.OrdinalIgnoreCase) || said.Contains("abuse", StringComparison.OrdinalIgnoreCase) ? LimitWithoutTime
        : null;

    /// <summary>How long it is until the next window begins. (Later than in the year 9999 is no time.)</summary>
    private static TimeSpan? UntilReset(ForgeAnswer answer, QuotaHeaders limits) =>
        answer.Number(limits.Reset) is { } seconds and < 253_402_300_800 ? Until(DateTimeOffset.FromUnixTimeSeconds(seconds), answer) : null;

    /// <summary>How long it is until a time that the forge names, by its own clock: ours may be another.</summary>
    private static TimeSpan Until(DateTimeOffset time, ForgeAnswer answer) =>
        time <= answer.Time ? TimeSpan.Zero : time - answer.Time < LongestWindow ? time - answer.Time : LongestWindow;

    /// <summary>The end of a sentence: what the forge says, or nothing more.</summary>
    private static string Sentence(ForgeAnswer answer, string? message)
    {
        // The first sentence says what is wrong. Those after it may have a request's number and time, and differ each time.
        var text = string.Concat(answer.Tell(string.Concat((message ?? "").Where(c => !char.IsControl(c)))).Split(". ")[0].Take(MessageLength)).TrimEnd('.');
        return text.Length > 0 ? $": {text}." : ".";
    }

    /// <summary>The names of the headers that tell of a quota.</summary>
    /// <param name="Limit">How many requests a window has.</param>
    /// <param name="Remaining">How many are left.</param>
    /// <param name="Reset">When the next window begins, in Unix seconds.</param>
    internal sealed record QuotaHeaders(string Limit, string Remaining, string Reset);
}
