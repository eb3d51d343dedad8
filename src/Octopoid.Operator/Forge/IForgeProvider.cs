using System.Net.Http.Headers;
using Octopoid.Core.PullRequests;

namespace Octopoid.Operator.Forge;

/// <summary>The wire format of one kind of forge; all else is the same for all.</summary>
internal interface IForgeProvider
{
    /// <summary>How many pull requests a whole page has.</summary>
    int PageSize { get; }

    /// <summary>Headers for each request.</summary>
    IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>Where a page of the open pull requests is, the oldest first: so those that are opened meanwhile move no other.</summary>
    /// <param name="address">The repository.</param>
    /// <param name="number">Which page, from 1.</param>
    Uri Page(RepositoryAddress address, int number);

    /// <summary>Where one pull request is.</summary>
    /// <param name="address">The repository.</param>
    /// <param name="number">Its number.</param>
    Uri PullRequest(RepositoryAddress address, long number);

    /// <summary>Reads a page.</summary>
    IReadOnlyList<ListedPullRequest> ReadPage(ForgeAnswer answer);

    /// <summary>Where the page after a page is, as the forge says; null where it does not.</summary>
    Uri? Next(ForgeAnswer answer);

    /// <summary>Reads one pull request.</summary>
    ListedPullRequest ReadPullRequest(ForgeAnswer answer);

    /// <summary>What is left of the quota; null where the forge does not say.</summary>
    ForgeQuota? Quota(ForgeAnswer answer, DateTimeOffset now);

    /// <summary>What a refusal means.</summary>
    /// <param name="answer">An answer that is neither a success nor "not modified".</param>
    /// <param name="now">The time.</param>
    CountFailure Judge(ForgeAnswer answer, DateTimeOffset now);

    /// <summary>In whose name to ask; null: nobody's.</summary>
    /// <param name="address">The repository.</param>
    /// <param name="credentials">What its API Secret holds.</param>
    /// <param name="isRefused">True when what was answered last is refused.</param>
    /// <param name="cancellationToken">Abandons it.</param>
    /// <exception cref="ForgeException">The credentials are of no use.</exception>
    ValueTask<AuthenticationHeaderValue?> AuthorizeAsync(
        RepositoryAddress address, ForgeCredentials credentials, bool isRefused, CancellationToken cancellationToken);
}
