using k8s.Models;
using Octopoid.Core.Kinds;
using Octopoid.Core.Outcomes;

namespace Octopoid.Operator.Jobs;

/// <summary>The pod of an attempt: the init container <c>workspace</c>, then the container <c>agent</c>, both as the <em>restricted</em> profile wants them.</summary>
internal static class PodTemplate
{
    /// <summary>The user, group and file group of every container: one that no image gives rights to.</summary>
    private const long AgentUser = 65532;

    /// <summary>A runner that is told to stop gives the agent 10 s, then pushes what there is. Shorter would lose work at every drain of a
    /// node, longer would hold up the drain.</summary>
    private const long GraceSeconds = 60;

    /// <summary>The template, before the blueprint's overlay.</summary>
    public static V1PodTemplateSpec Build(Attempt attempt, IReadOnlyDictionary<string, string> labels)
    {
        var spec = attempt.Blueprint.Spec;
        return new V1PodTemplateSpec
        {
            Metadata = new V1ObjectMeta { Labels = labels.ToDictionary(), Annotations = TaskAnnotations.Build(attempt) },
            Spec = new V1PodSpec
            {
                RestartPolicy = "Never",
                TerminationGracePeriodSeconds = GraceSeconds,
                ServiceAccountName = spec.ServiceAccountName,
                AutomountServiceAccountToken = false,
                EnableServiceLinks = false,
                SecurityContext = new V1PodSecurityContext
                {
                    RunAsNonRoot = true,
                    RunAsUser = AgentUser,
                    RunAsGroup = AgentUser,
                    FsGroup = AgentUser,
                    SeccompProfile = new V1SeccompProfile { Type = "RuntimeDefault" },
                },
                InitContainers = attempt.ScriptsConfigMap is null ? null : [Workspace(attempt)],
                Containers = [Agent(attempt)],
                Volumes = PodVolumes.Build(attempt),
            },
        };
    }

    private static V1Container Workspace(Attempt attempt) => Container(
        attempt, Classification.WorkspaceContainer, ["/bin/sh", AgentPaths.BinSource + "/workspace"], PodVolumes.ForWorkspace(attempt));

    private static V1Container Agent(Attempt attempt)
    {
        var spec = attempt.Blueprint.Spec;
        var isCustom = spec.Type == BlueprintType.Custom;
        var agent = Container(
            attempt,
            Classification.AgentContainer,
            isCustom ? spec.Command?.ToList() : ["/bin/sh", AgentPaths.Bin + "/runner"],
            PodVolumes.ForAgent(attempt));
        agent.Args = isCustom ? spec.Args?.ToList() : null;
        agent.EnvFrom = AgentEnvironment.Sources(attempt.Blueprint);

        // A custom image without a repository keeps the directory that it was made for.
        agent.WorkingDir = isCustom && attempt.Repository is null ? null : AgentPaths.Workspace;
        return agent;
    }

    private static V1Container Container(Attempt attempt, string name, IList<string>? command, IList<V1VolumeMount> mounts) => new()
    {
        Name = name,
        Image = attempt.Blueprint.Spec.Image,
        Command = command,
        Env = AgentEnvironment.Build(attempt),
        VolumeMounts = mounts,
        SecurityContext = new V1SecurityContext
        {
            AllowPrivilegeEscalation = false,
            ReadOnlyRootFilesystem = true,
            Capabilities = new V1Capabilities { Drop = ["ALL"] },
        },
    };
}
