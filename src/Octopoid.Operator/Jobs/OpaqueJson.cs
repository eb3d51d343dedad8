using System.Text.Json;
using k8s;

namespace Octopoid.Operator.Jobs;

/// <summary>Parts of a blueprint that are Kubernetes' own types, passed on as they came.</summary>
internal static class OpaqueJson
{
    /// <summary>The part as the client library's type; null when it is absent.</summary>
    public static T? Read<T>(JsonElement? part)
        where T : class => part is { ValueKind: JsonValueKind.Object } element ? KubernetesJson.Deserialize<T>(element.GetRawText()) : null;
}
