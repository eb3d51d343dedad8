using System.Text.Json.Nodes;

namespace Octopoid.Testing;

/// <summary>
/// The profile <c>restricted</c> of the Pod Security Standards, and with it <c>baseline</c>: one method a rule, named as there. Each answers what
/// breaks it in a pod's spec, and nothing when the spec keeps it.
/// </summary>
public static class RestrictedProfile
{
    private static readonly string[] VolumeTypesAllowed =
        ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"];

    private static readonly string[] SysctlsAllowed =
    [
        "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start", "net.ipv4.tcp_syncookies",
        "net.ipv4.ping_group_range",
    ];

    /// <summary>All rules by their names.</summary>
    public static IReadOnlyDictionary<string, Func<JsonNode, IEnumerable<string>>> Rules { get; } =
        new Dictionary<string, Func<JsonNode, IEnumerable<string>>>
        {
            ["HostProcess"] = HostProcess,
            ["Host Namespaces"] = HostNamespaces,
            ["Privileged Containers"] = PrivilegedContainers,
            ["Capabilities"] = Capabilities,
            ["HostPath Volumes"] = HostPathVolumes,
            ["Host Ports"] = HostPorts,
            ["AppArmor"] = AppArmor,
            ["SELinux"] = SELinux,
            ["/proc Mount Type"] = ProcMountType,
            ["Seccomp"] = Seccomp,
            ["Sysctls"] = Sysctls,
            ["Volume Types"] = VolumeTypes,
            ["Privilege Escalation"] = PrivilegeEscalation,
            ["Running as Non-root"] = RunningAsNonRoot,
            ["Running as Non-root user"] = RunningAsNonRootUser,
        };

    /// <summary>No container is a Windows HostProcess.</summary>
    public static IEnumerable<string> HostProcess(JsonNode spec) =>
        Contexts(spec).Where(at => IsTrue(at.Context?["windowsOptions"]?["hostProcess"])).Select(at => $"{at.Where} is a HostProcess");

    /// <summary>No namespace of the node is shared.</summary>
    public static IEnumerable<string> HostNamespaces(JsonNode spec) =>
        new[] { "hostNetwork", "hostPID", "hostIPC" }.Where(field => IsTrue(spec[field]));

    /// <summary>No container is privileged.</summary>
    public static IEnumerable<string> PrivilegedContainers(JsonNode spec) =>
        Containers(spec).Where(at => IsTrue(at.Context?["privileged"])).Select(at => $"{at.Where} is privileged");

    /// <summary>Every container drops all, and adds at most NET_BIND_SERVICE.</summary>
    public static IEnumerable<string> Capabilities(JsonNode spec)
    {
        foreach (var (where, context) in Containers(spec))
        {
            if (!Strings(context?["capabilities"]?["drop"]).Contains("ALL"))
            {
                yield return $"{where} does not drop ALL";
            }

            foreach (var added in Strings(context?["capabilities"]?["add"]).Where(added => added != "NET_BIND_SERVICE"))
            {
                yield return $"{where} adds {added}";
            }
        }
    }

    /// <summary>No folder of the node is mounted.</summary>
    public static IEnumerable<string> HostPathVolumes(JsonNode spec) =>
        Items(spec["volumes"]).Where(volume => volume["hostPath"] is not null).Select(volume => $"volume {volume["name"]}");

    /// <summary>No port of the node is taken.</summary>
    public static IEnumerable<string> HostPorts(JsonNode spec) =>
        from container in AllContainers(spec)
        from port in Items(container["ports"])
        where port["hostPort"] is { } hostPort && (int)hostPort != 0
        select $"{container["name"]} takes {port["hostPort"]}";

    /// <summary>AppArmor is not switched off.</summary>
    public static IEnumerable<string> AppArmor(JsonNode spec) =>
        from at in Contexts(spec)
        let type = (string?)at.Context?["appArmorProfile"]?["type"]
        where type is not (null or "RuntimeDefault" or "Localhost")
        select $"{at.Where} has {type}";

    /// <summary>SELinux has a container's type, no user and no role.</summary>
    public static IEnumerable<string> SELinux(JsonNode spec) =>
        from at in Contexts(spec)
        let options = at.Context?["seLinuxOptions"]
        where options is not null
            && ((string?)options["type"] is not (null or "" or "container_t" or "container_init_t" or "container_kvm_t" or "container_engine_t")
                || !string.IsNullOrEmpty((string?)options["user"]) || !string.IsNullOrEmpty((string?)options["role"]))
        select $"{at.Where} has {options.ToJsonString()}";

    /// <summary>/proc is masked.</summary>
    public static IEnumerable<string> ProcMountType(JsonNode spec) =>
        from at in Containers(spec)
        let mount = (string?)at.Context?["procMount"]
        where mount is not (null or "Default")
        select $"{at.Where} has {mount}";

    /// <summary>Every container has a seccomp profile, its own or the pod's, and none is Unconfined.</summary>
    public static IEnumerable<string> Seccomp(JsonNode spec)
    {
        var ofPod = (string?)spec["securityContext"]?["seccompProfile"]?["type"];
        if (ofPod is not (null or "RuntimeDefault" or "Localhost"))
        {
            yield return $"the pod has {ofPod}";
        }

        foreach (var (where, context) in Containers(spec))
        {
            var type = (string?)context?["seccompProfile"]?["type"] ?? ofPod;
            if (type is not ("RuntimeDefault" or "Localhost"))
            {
                yield return $"{where} has {type ?? "none"}";
            }
        }
    }

    /// <summary>No sysctl but those that concern the pod alone.</summary>
    public static IEnumerable<string> Sysctls(JsonNode spec) =>
        Items(spec["securityContext"]?["sysctls"]).Select(sysctl => $"{sysctl["name"]}").Except(SysctlsAllowed);

    /// <summary>Volumes of a few kinds only.</summary>
    public static IEnumerable<string> VolumeTypes(JsonNode spec) =>
        from volume in Items(spec["volumes"])
        let types = volume.AsObject().Select(field => field.Key).Where(key => key != "name").ToList()
        where types.Count != 1 || !VolumeTypesAllowed.Contains(types[0])
        select $"volume {volume["name"]} is {string.Join(" and ", types)}";

    /// <summary>No process gets more rights than its parent.</summary>
    public static IEnumerable<string> PrivilegeEscalation(JsonNode spec) =>
        Containers(spec).Where(at => at.Context?["allowPrivilegeEscalation"] is not { } allowed || (bool)allowed).Select(at => $"{at.Where} may");

    /// <summary>Every container must run as somebody else than root, by its own word or the pod's.</summary>
    public static IEnumerable<string> RunningAsNonRoot(JsonNode spec) =>
        Containers(spec).Where(at => !IsTrue(at.Context?["runAsNonRoot"] ?? spec["securityContext"]?["runAsNonRoot"])).Select(at => $"{at.Where} may be root");

    /// <summary>Nothing is told to run as user 0.</summary>
    public static IEnumerable<string> RunningAsNonRootUser(JsonNode spec) =>
        Contexts(spec).Where(at => at.Context?["runAsUser"] is { } user && (long)user == 0).Select(at => $"{at.Where} is root");

    private static IEnumerable<(string Where, JsonNode? Context)> Contexts(JsonNode spec) =>
        Containers(spec).Prepend(("the pod", spec["securityContext"]));

    private static IEnumerable<(string Where, JsonNode? Context)> Containers(JsonNode spec) =>
        AllContainers(spec).Select(container => ($"{container["name"]}", container["securityContext"]));

    private static IEnumerable<JsonNode> AllContainers(JsonNode spec) =>
        new[] { "initContainers", "containers", "ephemeralContainers" }.SelectMany(field => Items(spec[field]));

    private static IEnumerable<JsonNode> Items(JsonNode? list) => list?.AsArray().Select(item => item!) ?? [];

    private static IEnumerable<string> Strings(JsonNode? list) => Items(list).Select(item => (string)item!);

    private static bool IsTrue(JsonNode? value) => value is not null && (bool)value;
}
