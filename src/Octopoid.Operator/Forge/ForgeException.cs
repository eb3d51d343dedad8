using Octopoid.Core.PullRequests;

namespace Octopoid.Operator.Forge;

/// <summary>A forge could not be asked, or has not said what it was asked for.</summary>
/// <param name="failure">Why, in words for people; no secret is in it.</param>
/// <param name="cause">What has led to it; null where nothing has.</param>
internal sealed class ForgeException(CountFailure failure, Exception? cause = null) : Exception(failure.Message, cause)
{
    public ForgeException(string reason, string message, Exception? cause = null)
        : this(new CountFailure(reason, message), cause)
    {
    }

    /// <summary>Why.</summary>
    public CountFailure Failure { get; } = failure;

    /// <summary>True when the credentials were refused: others may be taken.</summary>
    public bool IsUnauthorized { get; init; }
}
