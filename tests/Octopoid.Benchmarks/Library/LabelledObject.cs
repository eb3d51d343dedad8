using Octopoid.Core.State;
using Octopoid.Kubernetes.Transport;
using Octopoid.Kubernetes.Watching;

namespace Octopoid.Benchmarks.Library;

/// <summary>Any object that is found by a label, of which the metadata is kept.</summary>
internal sealed record LabelledObject
{
    public static WatchedResource<LabelledObject> ConfigMaps { get; } = new(
        new ResourcePath("", "v1", "configmaps"),
        LabelledJson.Default.LabelledObject,
        LabelledJson.Default.Page,
        item => WatchedJobs.Identify(item.Metadata))
    {
        Namespace = "default",
        LabelSelector = "bench=list",
    };

    public ObservedChildMeta Metadata { get; init => field = value ?? new(); } = new();
}
