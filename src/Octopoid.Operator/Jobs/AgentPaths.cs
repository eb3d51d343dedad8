namespace Octopoid.Operator.Jobs;

/// <summary>Where things are in an agent's pod (docs/agents.md).</summary>
internal static class AgentPaths
{
    /// <summary>What the task says: prompt.md, task.json, feedback.md.</summary>
    public const string Task = "/octopoid/task";

    /// <summary>The runner and the commands for agents.</summary>
    public const string Bin = "/octopoid/bin";

    /// <summary>The blueprint's scripts.</summary>
    public const string Scripts = "/octopoid/scripts";

    /// <summary>Where the init container finds the runner and the commands.</summary>
    public const string BinSource = "/octopoid/source/bin";

    /// <summary>Where the init container finds the blueprint's scripts.</summary>
    public const string ScriptsSource = "/octopoid/source/scripts";

    /// <summary>The files of the repository's git Secret.</summary>
    public const string GitSecret = "/octopoid/git";

    /// <summary>The working copy.</summary>
    public const string Workspace = "/workspace";

    /// <summary>The home of the agent's user.</summary>
    public const string Home = "/home/agent";

    /// <summary>Temporary files.</summary>
    public const string Temporary = "/tmp";

    /// <summary>The file that holds the task's prompt.</summary>
    public const string PromptFile = "prompt.md";

    /// <summary>The file that holds the rest of the task.</summary>
    public const string TaskFile = "task.json";

    /// <summary>The file that holds what the last attempt, or its reviewer, had to say.</summary>
    public const string FeedbackFile = "feedback.md";
}
