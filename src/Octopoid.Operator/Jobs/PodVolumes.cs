using k8s.Models;

namespace Octopoid.Operator.Jobs;

/// <summary>The volumes of an agent's pod, and what each container sees of them.</summary>
internal static class PodVolumes
{
    private const string Task = "octopoid-task";
    private const string Bin = "octopoid-bin";
    private const string Scripts = "octopoid-scripts";
    private const string BinSource = "octopoid-bin-source";
    private const string ScriptsSource = "octopoid-scripts-source";
    private const string GitSecret = "octopoid-git";
    private const string Workspace = "workspace";
    private const string Home = "home";
    private const string Temporary = "tmp";

    /// <summary>Every volume.</summary>
    public static List<V1Volume> Build(Attempt attempt)
    {
        List<V1Volume> volumes = [TaskFiles(), Empty(Workspace), Empty(Home), Empty(Temporary)];
        if (attempt.ScriptsConfigMap is { } configMap)
        {
            volumes.AddRange([Empty(Bin), Empty(Scripts), Files(BinSource, configMap, ScriptsConfigMap.BinPrefix, RunnerFiles.All.Keys)]);
        }

        if (attempt.Blueprint.Spec.Scripts is { } scripts)
        {
            volumes.Add(scripts.ConfigMapName is { } theirs
                ? new V1Volume { Name = ScriptsSource, ConfigMap = new V1ConfigMapVolumeSource { Name = theirs } }
                : Files(ScriptsSource, attempt.ScriptsConfigMap!, ScriptsConfigMap.ScriptsPrefix, scripts.Inline!.Keys));
        }

        if (attempt.Repository?.Spec.GitSecretName is { } secret)
        {
            volumes.Add(new V1Volume { Name = GitSecret, Secret = new V1SecretVolumeSource { SecretName = secret, DefaultMode = 0x120 /* 0440 */ } });
        }

        return volumes;
    }

    /// <summary>What the agent sees: its scripts and commands, which nothing can change any more, and what it may write.</summary>
    public static List<V1VolumeMount> ForAgent(Attempt attempt) =>
    [
        Mount(Task, AgentPaths.Task, true),
        .. attempt.ScriptsConfigMap is null ? Array.Empty<V1VolumeMount>()
            : [Mount(Bin, AgentPaths.Bin, true), Mount(Scripts, AgentPaths.Scripts, true)],
        .. Shared(attempt),
    ];

    /// <summary>What the init container sees: where scripts and commands come from, and where they go.</summary>
    public static List<V1VolumeMount> ForWorkspace(Attempt attempt) =>
    [
        Mount(BinSource, AgentPaths.BinSource, true),
        Mount(Bin, AgentPaths.Bin, false),
        .. attempt.Blueprint.Spec.Scripts is null ? Array.Empty<V1VolumeMount>() : [Mount(ScriptsSource, AgentPaths.ScriptsSource, true)],
        Mount(Scripts, AgentPaths.Scripts, false),
        .. Shared(attempt),
    ];

    private static IEnumerable<V1VolumeMount> Shared(Attempt attempt) =>
    [
        Mount(Workspace, AgentPaths.Workspace, false),
        Mount(Home, AgentPaths.Home, false),
        Mount(Temporary, AgentPaths.Temporary, false),
        .. attempt.Repository?.Spec.GitSecretName is null ? Array.Empty<V1VolumeMount>() : [Mount(GitSecret, AgentPaths.GitSecret, true)],
    ];

    /// <summary>The pod's annotations as files: a prompt reaches the agent through no shell, no argument and no object of its own.</summary>
    private static V1Volume TaskFiles() => new()
    {
        Name = Task,
        DownwardAPI = new V1DownwardAPIVolumeSource
        {
            Items =
            [
                Annotation(TaskAnnotations.Prompt, AgentPaths.PromptFile),
                Annotation(TaskAnnotations.Task, AgentPaths.TaskFile),
                Annotation(TaskAnnotations.Feedback, AgentPaths.FeedbackFile),
            ],
        },
    };

    private static V1DownwardAPIVolumeFile Annotation(string annotation, string file) => new()
    {
        Path = file,
        FieldRef = new V1ObjectFieldSelector { FieldPath = $"metadata.annotations['{annotation}']" },
    };

    private static V1Volume Files(string volume, string configMap, string prefix, IEnumerable<string> files) => new()
    {
        Name = volume,
        ConfigMap = new V1ConfigMapVolumeSource
        {
            Name = configMap,
            Items = [.. files.Order(StringComparer.Ordinal).Select(file => new V1KeyToPath { Key = prefix + file, Path = file })],
        },
    };

    private static V1Volume Empty(string name) => new() { Name = name, EmptyDir = new V1EmptyDirVolumeSource() };

    private static V1VolumeMount Mount(string volume, string path, bool isReadOnly) =>
        new() { Name = volume, MountPath = path, ReadOnlyProperty = isReadOnly ? true : null };
}
