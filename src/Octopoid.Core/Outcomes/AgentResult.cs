using System.Text.Json;
using System.Text.Json.Serialization;
using Octopoid.Core.Kinds;

namespace Octopoid.Core.Outcomes;

/// <summary>What the runner, or a custom agent, says of its attempt: the JSON of its termination message (DESIGN §6). Unknown keys are ignored.</summary>
public sealed record AgentResult
{
    /// <summary>The attempt it speaks of; null counts as the pod's own.</summary>
    public int? Attempt { get; init; }

    /// <summary>How it ended.</summary>
    public AttemptOutcome? Outcome { get; init; }

    /// <summary>Why, in a word.</summary>
    public string? Reason { get; init; }

    /// <summary>A sentence or more for people, and for the next attempt.</summary>
    public string? Comment { get; init; }

    /// <summary>The branch that it worked on.</summary>
    public string? Branch { get; init; }

    /// <summary>The commit that the branch ends with.</summary>
    public string? HeadSHA { get; init; }

    /// <summary>How many commits this attempt made.</summary>
    public int? Commits { get; init; }

    /// <summary>The pull request that it opened.</summary>
    [JsonPropertyName("pullRequest")]
    public PullRequest? Opened { get; init; }

    /// <summary>How many turns the model took.</summary>
    public int? Turns { get; init; }

    /// <summary>How many tokens the model used.</summary>
    public TokenUsage? Tokens { get; init; }

    /// <summary>What the model cost in US dollars, as a decimal number.</summary>
    public string? CostUSD { get; init; }

    /// <summary>Reads a termination message.</summary>
    /// <param name="message">The message; null when the container left none.</param>
    /// <returns>Null when it is no result: empty, cut, or not of the form.</returns>
    public static AgentResult? Parse(string? message)
    {
        if (string.IsNullOrWhiteSpace(message))
        {
            return null;
        }

        try
        {
            var result = JsonSerializer.Deserialize(message, OutcomesJson.Default.AgentResult);
            return result?.Outcome is null ? null : result;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A pull request that an agent opened.</summary>
    public sealed record PullRequest
    {
        /// <summary>Its number in its repository.</summary>
        public long? Number { get; init; }

        /// <summary>Its page.</summary>
        public string? Url { get; init; }
    }
}
