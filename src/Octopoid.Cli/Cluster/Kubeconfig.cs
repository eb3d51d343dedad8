using k8s;
using k8s.KubeConfigModels;

namespace Octopoid.Cli.Cluster;

/// <summary>
/// The kubeconfig as kubectl reads it: one named file, else those of <c>KUBECONFIG</c> put together (of two entries of one name the first file's
/// counts), else <c>~/.kube/config</c>.
/// </summary>
internal static class Kubeconfig
{
    /// <summary>Reads it.</summary>
    /// <param name="named">The file that the command line names; null: none.</param>
    /// <exception cref="CliException">There is no such file.</exception>
    public static K8SConfiguration Load(string? named)
    {
        var files = Files(named);
        if (files.FirstOrDefault(file => !File.Exists(file)) is { } missing)
        {
            throw new CliException($"There is no kubeconfig at {missing}: name one by --kubeconfig or KUBECONFIG.");
        }

        return files.Select(Read).Aggregate(Merge);
    }

    private static List<string> Files(string? named)
    {
        if (named is not null)
        {
            return [named];
        }

        var listed = (Environment.GetEnvironmentVariable("KUBECONFIG") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return listed.Length > 0 ? [.. listed.Where(File.Exists).DefaultIfEmpty(listed[0])] : [KubernetesClientConfiguration.KubeConfigDefaultLocation];
    }

    private static K8SConfiguration Read(string file)
    {
        var read = KubernetesYaml.Deserialize<K8SConfiguration>(File.ReadAllText(file)) ?? throw new CliException($"The kubeconfig {file} is empty.");

        // A path in a kubeconfig is meant from that file's folder, which is forgotten when several become one.
        foreach (var cluster in (read.Clusters ?? []).Select(entry => entry.ClusterEndpoint).OfType<ClusterEndpoint>())
        {
            cluster.CertificateAuthority = FromFolder(cluster.CertificateAuthority);
        }

        foreach (var user in (read.Users ?? []).Select(entry => entry.UserCredentials).OfType<UserCredentials>())
        {
            (user.ClientCertificate, user.ClientKey) = (FromFolder(user.ClientCertificate), FromFolder(user.ClientKey));
        }

        return read;

        string? FromFolder(string? path) => string.IsNullOrEmpty(path) ? path : Path.GetFullPath(path, Path.GetDirectoryName(Path.GetFullPath(file))!);
    }

    private static K8SConfiguration Merge(K8SConfiguration first, K8SConfiguration second)
    {
        first.CurrentContext = string.IsNullOrEmpty(first.CurrentContext) ? second.CurrentContext : first.CurrentContext;
        first.Contexts = [.. (first.Contexts ?? []).Concat(second.Contexts ?? []).DistinctBy(entry => entry.Name)];
        first.Clusters = [.. (first.Clusters ?? []).Concat(second.Clusters ?? []).DistinctBy(entry => entry.Name)];
        first.Users = [.. (first.Users ?? []).Concat(second.Users ?? []).DistinctBy(entry => entry.Name)];
        return first;
    }
}
