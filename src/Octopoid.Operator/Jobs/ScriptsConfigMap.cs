using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using k8s.Models;
using Octopoid.Core.Kinds;

namespace Octopoid.Operator.Jobs;

/// <summary>The ConfigMap of the runner and of a blueprint's inline scripts: immutable, and named by blueprint and content, so that a change of either
/// makes another and never changes what a running agent sees. It belongs to the blueprint, and goes with it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Data">Its files: <c>bin.NAME</c> and <c>scripts.NAME</c>.</param>
/// <param name="Owner">The blueprint.</param>
internal sealed record ScriptsConfigMap(string Name, IReadOnlyDictionary<string, string> Data, ObjectMeta Owner)
{
    /// <summary>What the keys of the runner's files begin with.</summary>
    public const string BinPrefix = "bin.";

    /// <summary>What the keys of the blueprint's files begin with.</summary>
    public const string ScriptsPrefix = "scripts.";

    /// <summary>The ConfigMap that a blueprint's attempts need; null when they need neither runner nor workspace.</summary>
    /// <param name="blueprint">The blueprint.</param>
    /// <param name="hasRepository">True when the task has a repository, which must be cloned.</param>
    public static ScriptsConfigMap? For(AgentBlueprint blueprint, bool hasRepository)
    {
        if (blueprint.Spec.Type == BlueprintType.Custom && !hasRepository)
        {
            return null;
        }

        var data = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (file, text) in RunnerFiles.All)
        {
            data[BinPrefix + file] = text;
        }

        foreach (var (file, text) in blueprint.Spec.Scripts?.Inline ?? new Dictionary<string, string>())
        {
            data[ScriptsPrefix + file] = text;
        }

        return new ScriptsConfigMap("octopoid-scripts-" + Hash(blueprint.Metadata.Uid, data), data, blueprint.Metadata);
    }

    /// <summary>The object, ready to be created.</summary>
    public byte[] Body() => JsonSerializer.SerializeToUtf8Bytes(
        new V1ConfigMap
        {
            ApiVersion = "v1",
            Kind = "ConfigMap",
            Metadata = new V1ObjectMeta
            {
                Name = Name,
                Labels = new Dictionary<string, string> { [Labels.Managed] = Labels.ManagedValue },
                OwnerReferences =
                [
                    new V1OwnerReference { ApiVersion = ApiGroup.ApiVersion, Kind = AgentBlueprint.KindName, Name = Owner.Name, Uid = Owner.Uid },
                ],
            },
            Immutable = true,
            Data = Data.ToDictionary(),
        },
        JobsJson.Default.V1ConfigMap);

    /// <summary>Each key and text with its length before it, so that no two contents run together to the same bytes.</summary>
    private static string Hash(string uid, SortedDictionary<string, string> data)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in data.SelectMany(pair => new[] { pair.Key, pair.Value }).Prepend(uid))
        {
            var bytes = Encoding.UTF8.GetBytes(part);
            hash.AppendData(BitConverter.GetBytes(bytes.Length));
            hash.AppendData(bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}
