using Octopoid.Core.Kinds;
using Octopoid.Kubernetes.Transport;

namespace Octopoid.Cli.Commands;

/// <summary>What commands on one task have in common.</summary>
internal static class Tasks
{
    /// <summary>The task of a name.</summary>
    /// <exception cref="CliException">There is none.</exception>
    public static async Task<AgentTask> FindAsync(Session session, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await session.Client.TaskAsync(name, cancellationToken).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            throw new CliException($"There is no task named {name} in namespace {session.Namespace}.", e);
        }
    }

    /// <summary>Tells what was done to a task.</summary>
    public static void Report(Session session, AgentTask task, string done) => session.Report("agenttask", task, task.Metadata.Name, done, KindsJson.Default.AgentTask);
}
