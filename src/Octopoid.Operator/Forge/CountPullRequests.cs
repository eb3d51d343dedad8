using Octopoid.Core.Admission;
using Octopoid.Core.Kinds;
using Octopoid.Core.PullRequests;
using Octopoid.Core.State;
using Octopoid.Kubernetes.Transport;
using Octopoid.Operator.Loop;

namespace Octopoid.Operator.Forge;

/// <summary>Asks a forge how many pull requests of the pool are open, and tells the loop, whatever comes of it.</summary>
internal sealed partial class CountPullRequests(IForge forge, Inbox inbox, FailureLog failures, ILogger<CountPullRequests> logger)
{
    /// <summary>Asks once. When to ask again, the loop decides.</summary>
    public async Task RunAsync(Decision.CountPullRequests count, CancellationToken cancellationToken) =>
        inbox.Post(await CountAsync(count, cancellationToken).ConfigureAwait(false));

    /// <summary>Asks once.</summary>
    internal async Task<Fact> CountAsync(Decision.CountPullRequests count, CancellationToken cancellationToken)
    {
        var key = RepositoryRules.Key(count.Repository);
        var what = $"count pull requests of {key}";
        try
        {
            var said = await forge.CountAsync(count.Repository, count.Known, cancellationToken).ConfigureAwait(false);
            if (failures.Clear(what))
            {
                LogCounted(key, said.Open);
            }

            return new Fact.PullRequestsCounted(key, count.Order, said);
        }
        catch (ForgeException e)
        {
            if (failures.IsDue(what, e.Message))
            {
                LogFailed(key, e.Message);
            }

            return new Fact.PullRequestCountFailed(key, count.Order, e.Failure);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // A bug, of this one repository: the others and the loop go on.
            LogBug(key, e);
            return new Fact.PullRequestCountFailed(key, count.Order, new CountFailure(Reasons.MalformedAnswer, $"The answer could not be dealt with ({e.GetType().Name})."));
        }
    }

    [LoggerMessage(EventId = 3501, Level = LogLevel.Warning, Message = "Repository {Repository}: open pull requests cannot be counted: {Error}")]
    private partial void LogFailed(NamespacedName repository, string error);

    [LoggerMessage(EventId = 3502, Level = LogLevel.Information, Message = "Repository {Repository}: open pull requests are counted again: {Open}.")]
    private partial void LogCounted(NamespacedName repository, int open);

    [LoggerMessage(EventId = 3503, Level = LogLevel.Error, Message = "Repository {Repository}: the forge's answer could not be dealt with.")]
    private partial void LogBug(NamespacedName repository, Exception error);
}
