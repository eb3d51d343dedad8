using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Octopoid.Testing;

/// <summary>Stands in for Job controller, kubelet and garbage collector as <see cref="FakeKubelet"/> does, but watches: it gives a Job its pod as soon as the Job
/// is made, ends both as soon as it is told, and removes the pod of a Job that is gone. For runs of many Jobs.</summary>
public sealed class WatchingKubelet : IAsyncDisposable
{
    private readonly ControlPlane _server;
    private readonly Func<string, Task> _work;
    private readonly Func<string, string> _end;
    private readonly ConcurrentDictionary<string, Task> _jobs = new();
    private readonly CancellationTokenSource _stop = new();
    private RawWatch? _watch;

    private WatchingKubelet(ControlPlane server, Func<string, Task> work, Func<string, string> end) => (_server, _work, _end) = (server, work, end);

    /// <summary>Starts it for one namespace.</summary>
    /// <param name="server">The API server.</param>
    /// <param name="namespaceName">The namespace.</param>
    /// <param name="result">The termination message of each agent.</param>
    /// <param name="work">Given a Job's name, completes when its agent has done its work.</param>
    /// <param name="cancellationToken">Abandons the start.</param>
    public static Task<WatchingKubelet> StartAsync(
        ControlPlane server, string namespaceName, string result, Func<string, Task> work, CancellationToken cancellationToken) =>
        StartAsync(server, namespaceName, _ => Succeeded(result), work, cancellationToken);

    /// <summary>Starts it for one namespace, where each Job has an end of its own.</summary>
    /// <param name="server">The API server.</param>
    /// <param name="namespaceName">The namespace.</param>
    /// <param name="end">Given a Job's name, its pod's last status, JSON. Where that has no <c>phase</c> of an end, the Job does not end either; where
    /// it is empty, the Job ends and its pod vanishes.</param>
    /// <param name="work">Given a Job's name, completes when its agent has done its work.</param>
    /// <param name="cancellationToken">Abandons the start.</param>
    public static async Task<WatchingKubelet> StartAsync(
        ControlPlane server, string namespaceName, Func<string, string> end, Func<string, Task> work, CancellationToken cancellationToken)
    {
        var kubelet = new WatchingKubelet(server, work, end);
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
        else if (type == "DELETED" && _jobs.TryGetValue(uid, out var run))
        {
            var job = JsonNode.Parse(item.GetRawText())!;
            _jobs[uid] = Task.Run(() => RemovePodAsync(run, job), _stop.Token);
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
        var end = _end(name);
        if (end.Length == 0)
        {
            await SendAsync(HttpMethod.Delete, $"/api/v1{path}/pods/{name}-pod", new JsonObject { ["gracePeriodSeconds"] = 0 });
            await EndJobAsync(path, name, "Failed");
            return;
        }

        var status = JsonNode.Parse(end)!.AsObject();
        var phase = (string?)status["phase"];
        await SendAsync(HttpMethod.Patch, $"/api/v1{path}/pods/{name}-pod/status", new JsonObject { ["status"] = status });
        if (phase is "Succeeded" or "Failed")
        {
            await EndJobAsync(path, name, phase == "Failed" ? "Failed" : "Complete");
        }
    }

    /// <summary>Once nothing more is written to it.</summary>
    private async Task RemovePodAsync(Task run, JsonNode job)
    {
        await run;
        var answer = await _server.SendAsync(
            HttpMethod.Delete,
            $"/api/v1/namespaces/{job["metadata"]!["namespace"]}/pods/{job["metadata"]!["name"]}-pod",
            """{"gracePeriodSeconds":0}""",
            "application/json",
            _stop.Token);
        if (answer.Code != System.Net.HttpStatusCode.NotFound)
        {
            answer.EnsureSuccess();
        }
    }

    private static string Succeeded(string message)
    {
        var terminated = new JsonObject { ["exitCode"] = 0, ["reason"] = "Completed", ["message"] = message };
        var agent = new JsonObject { ["name"] = "agent", ["state"] = new JsonObject { ["terminated"] = terminated } };
        return new JsonObject { ["phase"] = "Succeeded", ["containerStatuses"] = new JsonArray(agent) }.ToJsonString();
    }

    private Task EndJobAsync(string path, string name, string condition) => SendAsync(
        HttpMethod.Patch,
        $"/apis/batch/v1{path}/jobs/{name}/status",
        new JsonObject
        {
            ["status"] = new JsonObject { ["conditions"] = new JsonArray(new JsonObject { ["type"] = condition, ["status"] = "True" }) },
        });

    private async Task SendAsync(HttpMethod method, string path, JsonObject body)
    {
        var type = method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json";
        (await _server.SendAsync(method, path, body.ToJsonString(), type, _stop.Token)).EnsureSuccess();
    }
}
