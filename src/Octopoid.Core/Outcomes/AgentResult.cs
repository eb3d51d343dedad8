using System.Text.Json;
using Octopoid.Core.Kinds;

namespace Octopoid.Core.Outcomes;

/// <summary>
/// What an agent's container says of its attempt, as JSON in its termination message. Only the outcome is needed. An image of
/// anybody's may have written it, so whatever is missing, unknown or of the wrong type is left out rather than refused.
/// </summary>
public sealed record AgentResult
{
    /// <summary>How the attempt ended; never <see cref="AttemptOutcome.Cancelled"/>, which only a person says.</summary>
    public AttemptOutcome Outcome { get; init; }

    /// <summary>The run number that it is the result of; null: take the pod's label.</summary>
    public int? Attempt { get; init; }

    /// <summary>Why, as one word.</summary>
    public string? Reason { get; init; }

    /// <summary>For people, and for the next attempt.</summary>
    public string? Comment { get; init; }

    /// <summary>The branch worked on.</summary>
    public string? Branch { get; init; }

    /// <summary>The head of the branch.</summary>
    public string? HeadSHA { get; init; }

    /// <summary>Commits of this attempt.</summary>
    public int? Commits { get; init; }

    /// <summary>Number of the pull request that was opened.</summary>
    public long? PullRequestNumber { get; init; }

    /// <summary>Page of the pull request that was opened.</summary>
    public string? PullRequestUrl { get; init; }

    /// <summary>Turns taken.</summary>
    public int? Turns { get; init; }

    /// <summary>Tokens used.</summary>
    public TokenUsage? Tokens { get; init; }

    /// <summary>Cost in US dollars, as a decimal number without sign or exponent.</summary>
    public string? CostUSD { get; init; }

    /// <summary>Reads a termination message.</summary>
    /// <param name="message">The message; null or empty where the container left none.</param>
    /// <returns>The result, or null when the message is not a JSON object with a known outcome.</returns>
    public static AgentResult? Parse(string? message)
    {
        if (string.IsNullOrWhiteSpace(message))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(message);
            return Read(document.RootElement);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static AgentResult? Read(JsonElement root)
    {
        if (OutcomeOf(Text(root, "outcome")) is not { } outcome)
        {
            return null;
        }

        var pullRequest = Child(root, "pullRequest", JsonValueKind.Object);
        var tokens = Child(root, "tokens", JsonValueKind.Object);
        return new AgentResult
        {
            Outcome = outcome,
            Attempt = Count(root, "attempt"),
            Reason = Text(root, "reason"),
            Comment = Text(root, "comment"),
            Branch = Text(root, "branch"),
            HeadSHA = Text(root, "headSHA"),
            Commits = Count(root, "commits"),
            PullRequestNumber = pullRequest is { } p ? LongCount(p, "number") : null,
            PullRequestUrl = pullRequest is { } q ? Text(q, "url") : null,
            Turns = Count(root, "turns"),
            Tokens = tokens is { } t ? new TokenUsage { Input = LongCount(t, "input"), Output = LongCount(t, "output") } : null,
            CostUSD = Money(Text(root, "costUSD")),
        };
    }

    private static AttemptOutcome? OutcomeOf(string? word) => word switch
    {
        "done" => AttemptOutcome.Done,
        "failed" => AttemptOutcome.Failed,
        "needs_continuation" => AttemptOutcome.NeedsContinuation,
        "approved" => AttemptOutcome.Approved,
        "rejected" => AttemptOutcome.Rejected,
        _ => null,
    };

    private static JsonElement? Child(JsonElement parent, string name, JsonValueKind kind) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var child) && child.ValueKind == kind ? child : null;

    // An empty text says no more than a missing one.
    private static string? Text(JsonElement parent, string name)
    {
        try
        {
            return Child(parent, name, JsonValueKind.String)?.GetString() is { Length: > 0 } text ? text : null;
        }
        catch (InvalidOperationException)
        {
            // JSON may escape half a surrogate pair, which is no text.
            return null;
        }
    }

    private static long? LongCount(JsonElement parent, string name) =>
        Child(parent, name, JsonValueKind.Number) is { } number && number.TryGetInt64(out var value) && value >= 0 ? value : null;

    private static int? Count(JsonElement parent, string name) =>
        LongCount(parent, name) is { } value and <= int.MaxValue ? (int)value : null;

    // The schema of a task's status takes plain digits only, and refuses the whole status for anything else.
    private static string? Money(string? text) =>
        text is { Length: <= 32 }
        && text.Split('.') is { Length: <= 2 } parts
        && parts.All(part => part.Length > 0 && part.All(char.IsAsciiDigit))
            ? text
            : null;
}
