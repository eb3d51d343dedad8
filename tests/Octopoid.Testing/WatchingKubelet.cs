using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Octopoid.Testing;

/// <summary>Stands in for Job controller and kubelet as <see cref="FakeKubelet"/> does, but watches: it gives a Job its pod as soon as the Job
/// is made, and ends both as soon as it is told. For runs of many Jobs.</summary>
public sealed class WatchingKubelet : IAsyncDisposable
{
    private readonly ControlPlane _server;
    private readonly Func<string, Task> _work;
    private readonly string _result;
    private readonly ConcurrentDictionary<string, Task> _jobs = new();
    private readonly CancellationTokenSource _stop = new();
    private RawWatch? _watch;

    private WatchingKubelet(ControlPlane server, Func<string, Task> work, string result) => (_server, _work, _result) = (server, work, result);

    /// <summary>Starts it for one namespace.</summary>
    /// <param name="server">The API server.</param>
    /// <param name="namespaceName">The namespace.</param>
    /// <param name="result">The termination message of each agent.</param>
    /// <param name="work">Given a Job's name, completes when its agent has done its work.</param>
    /// <param name="cancellationToken">Abandons the start.</param>
    public static async Task<WatchingKubelet> StartAsync(
        ControlPlane server, string namespaceName, string result, Func<string, Task> work, CancellationToken cancellationToken)
    {
        var kubelet = new WatchingKubelet(server, work, result);
        kubelet._watch = await RawWatch.StartAsync(
            server, $"/apis/batch/v1/namespaces/{namespaceName}/jobs", kubelet.See, cancellationToken);
        return kubelet;
    }

    /// <summary>Ends it. A Job that it could not serve fails the test here.</summary>
    public async ValueTask DisposeAsync()
    {
        await _watch!.DisposeAsync();
        await _stop.CancelAsync();
        try
        {
            await Task.WhenAll(_jobs.Values);
        }
        catch (OperationCanceledException)
        {
            // Agents that were still at work.
        }

        _stop.Dispose();
    }

    private void See(string type, JsonElement item)
    {
        var uid = item.GetProperty("metadata").GetProperty("uid").GetString()!;
        var hasEnded = item.TryGetProperty("status", out var status) && status.TryGetProperty("conditions", out _);
        if (type == "ADDED" && !hasEnded && !_jobs.ContainsKey(uid))
        {
            var job = JsonNode.Parse(item.GetRawText())!;
            _jobs[uid] = Task.Run(() => RunAsync(job), _stop.Token);
        }
    }

    private async Task RunAsync(JsonNode job)
    {
        var path = $"/namespaces/{job["metadata"]!["namespace"]}";
        var name = (string)job["metadata"]!["name"]!;
        var template = job["spec"]!["template"]!.DeepClone().AsObject();
        template["apiVersion"] = "v1";
        template["kind"] = "Pod";
        template["metadata"]!["name"] = name + "-pod";
        template["metadata"]!["labels"]!["job-name"] = name;
        template["metadata"]!["ownerReferences"] = new JsonArray(new JsonObject
        {
            ["apiVersion"] = "batch/v1",
            ["kind"] = "Job",
            ["name"] = name,
            ["uid"] = (string)job["metadata"]!["uid"]!,
            ["controller"] = true,
        });
        await SendAsync(HttpMethod.Post, $"/api/v1{path}/pods", template);
        await _work(name).WaitAsync(_stop.Token);
        var terminated = new JsonObject { ["exitCode"] = 0, ["reason"] = "Completed", ["message"] = _result };
        var agent = new JsonObject { ["name"] = "agent", ["state"] = new JsonObject { ["terminated"] = terminated } };
        await SendAsync(HttpMethod.Patch, $"/api/v1{path}/pods/{name}-pod/status", new JsonObject
        {
            ["status"] = new JsonObject { ["phase"] = "Succeeded", ["containerStatuses"] = new JsonArray(agent) },
        });
        await SendAsync(HttpMethod.Patch, $"/apis/batch/v1{path}/jobs/{name}/status", JsonNode.Parse(
            """{"status":{"succeeded":1,"conditions":[{"type":"Complete","status":"True"}]}}""")!.AsObject());
    }

    private async Task SendAsync(HttpMethod method, string path, JsonObject body)
    {
        var type = method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json";
        (await _server.SendAsync(method, path, body.ToJsonString(), type, _stop.Token)).EnsureSuccess();
    }
}
