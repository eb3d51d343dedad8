using k8s;
using k8s.Models;

namespace Octopoid.Testing;

/// <summary>Stands in for Job controller and kubelet on an API server that has none: gives each Job of ours a pod and ends both, as those
/// two would write it.</summary>
/// <remarks>Only it ends Jobs, and it counts before it ends any; so no Job that ran at once with others is missed.</remarks>
public sealed class FakeKubelet : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(75);

    private readonly Kubernetes _client;
    private readonly string _namespace;
    private readonly Func<V1Job, string?> _result;
    private readonly CancellationTokenSource _stop = new();
    private readonly HashSet<string> _ended = [];
    private readonly Dictionary<string, int> _rounds = [];
    private readonly Task _loop;

    private FakeKubelet(string kubeconfig, string namespaceName, Func<V1Job, string?> result)
    {
        _client = ClientLibrary.Connect(kubeconfig);
        _namespace = namespaceName;
        _result = result;
        _loop = RunAsync(_stop.Token);
    }

    /// <summary>The most Jobs that were ever unfinished at once.</summary>
    public int Peak { get; private set; }

    /// <summary>The name of every Job that was ever seen.</summary>
    public HashSet<string> Seen { get; } = [];

    /// <summary>Starts it for one namespace.</summary>
    /// <param name="kubeconfig">The file that names the API server.</param>
    /// <param name="namespaceName">The namespace.</param>
    /// <param name="result">The termination message of a Job's agent; null keeps it running.</param>
    public static FakeKubelet Start(string kubeconfig, string namespaceName, Func<V1Job, string?> result) =>
        new(kubeconfig, namespaceName, result);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _loop;
        }
        catch (OperationCanceledException)
        {
            // As asked.
        }

        _client.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var jobs = await _client.BatchV1.ListNamespacedJobAsync(_namespace, cancellationToken: cancellationToken);
            var unfinished = jobs.Items.Where(job => !_ended.Contains(job.Metadata.Uid)).ToList();
            Seen.UnionWith(jobs.Items.Select(job => job.Metadata.Name));
            Peak = Math.Max(Peak, unfinished.Count);
            foreach (var job in unfinished)
            {
                // A Job is left to run for a few rounds, so that others have the time to start beside it.
                var rounds = _rounds[job.Metadata.Uid] = _rounds.GetValueOrDefault(job.Metadata.Uid) + 1;
                if (rounds == 1)
                {
                    await StartPodAsync(job, cancellationToken);
                }
                else if (rounds > 2 && _result(job) is { } result)
                {
                    await EndAsync(job, result, cancellationToken);
                }
            }

            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        }
    }

    private Task<V1Pod> StartPodAsync(V1Job job, CancellationToken cancellationToken)
    {
        var template = job.Spec.Template;
        return _client.CoreV1.CreateNamespacedPodAsync(
            new V1Pod
            {
                Metadata = new V1ObjectMeta
                {
                    Name = job.Metadata.Name + "-pod",
                    Labels = new Dictionary<string, string>(template.Metadata.Labels) { ["job-name"] = job.Metadata.Name },
                    Annotations = template.Metadata.Annotations,
                    OwnerReferences =
                    [
                        new V1OwnerReference
                        {
                            ApiVersion = "batch/v1", Kind = "Job", Name = job.Metadata.Name, Uid = job.Metadata.Uid, Controller = true,
                        },
                    ],
                },
                Spec = template.Spec,
            },
            _namespace,
            cancellationToken: cancellationToken);
    }

    private async Task EndAsync(V1Job job, string result, CancellationToken cancellationToken)
    {
        var terminated = new V1ContainerStateTerminated { ExitCode = 0, Reason = "Completed", Message = result };
        var pod = new V1Pod
        {
            Status = new V1PodStatus
            {
                Phase = "Succeeded",
                ContainerStatuses =
                [
                    new V1ContainerStatus
                    {
                        Name = "agent", Image = "a", ImageID = "a", State = new V1ContainerState { Terminated = terminated },
                    },
                ],
            },
        };
        await _client.CoreV1.PatchNamespacedPodStatusAsync(
            new V1Patch(KubernetesJson.Serialize(pod), V1Patch.PatchType.MergePatch), job.Metadata.Name + "-pod", _namespace, cancellationToken: cancellationToken);
        await _client.BatchV1.PatchNamespacedJobStatusAsync(
            new V1Patch("""{"status":{"succeeded":1,"conditions":[{"type":"Complete","status":"True"}]}}""", V1Patch.PatchType.MergePatch),
            job.Metadata.Name,
            _namespace,
            cancellationToken: cancellationToken);
        _ended.Add(job.Metadata.Uid);
    }
}
