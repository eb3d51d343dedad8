using Octopoid.Cli.Output;
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
        if (session.HasAllNamespaces)
        {
            throw new CliException("One task is of one namespace: name it by -n instead of -A.");
        }

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
    public static void Report(Session session, AgentTask task, string done)
    {
        if (session.IsForPrograms)
        {
            Documents.Write(session.Output, session.Format, task, KindsJson.Default.AgentTask);
        }
        else
        {
            session.Screen.Line(session.Format == OutputFormat.Name ? $"agenttask.octopoid.dev/{task.Metadata.Name}" : $"agenttask.octopoid.dev/{task.Metadata.Name} {done}");
        }
    }
}
