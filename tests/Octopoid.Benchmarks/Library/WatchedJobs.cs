using Octopoid.Core.State;
using Octopoid.Kubernetes.Watching;
using Octopoid.Operator.Watch;

namespace Octopoid.Benchmarks.Library;

/// <summary>Jobs, read as the operator reads them.</summary>
internal static class WatchedJobs
{
    public static WatchedResource<ObservedJob> Resource { get; } =
        new(ResourcePaths.Jobs, ObservedJson.Default.ObservedJob, ObservedJson.Default.JobList, job => Identify(job.Metadata))
        {
            Namespace = SampleJobs.Namespace,
        };

    public static ObjectIdentity Identify(ObservedChildMeta metadata) =>
        new(metadata.Namespace, metadata.Name, metadata.Uid, metadata.ResourceVersion);
}
