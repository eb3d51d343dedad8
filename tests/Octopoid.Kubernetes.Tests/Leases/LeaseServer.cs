using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Octopoid.Kubernetes.Tests.Leases;

/// <summary>
/// An API server of one Lease, over real HTTP. Each candidate has an address of its own, so that each can be treated badly by itself.
/// </summary>
internal sealed class LeaseServer : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly WebApplication _server;
    private readonly ConcurrentDictionary<string, int> _inFlight = new();
    private int _version;

    private LeaseServer(WebApplication server) => _server = server;

    /// <summary>What is done to a request of a candidate, by name.</summary>
    public Func<string, Treatment> Treat { get; set; } = _ => Treatment.Fair;

    /// <summary>The requests answered or not, in order: candidate, method.</summary>
    public ConcurrentQueue<(string Candidate, string Method)> Requests { get; } = new();

    /// <summary>True once a candidate has had two requests under way at once.</summary>
    public bool HasOverlapped { get; private set; }

    /// <summary>The Lease; null when there is none.</summary>
    public JsonObject? Lease { get; private set; }

    public string Holder => (string?)Lease?["spec"]?["holderIdentity"] ?? "";

    public static async Task<LeaseServer> StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var server = new LeaseServer(app);
        app.Run(server.AnswerAsync);
        await app.StartAsync(cancellationToken);
        return server;
    }

    public string AddressOf(string candidate) => $"{_server.Urls.Single()}/{candidate}/";

    /// <summary>Changes the Lease as a person with kubectl would; null deletes it.</summary>
    public void Edit(JsonObject? lease)
    {
        lock (_gate)
        {
            Store(lease);
        }
    }

    /// <summary>Gives the Lease a label: a change that is nobody's renewal.</summary>
    public void Label(string value)
    {
        lock (_gate)
        {
            var changed = Lease!.DeepClone().AsObject();
            changed["metadata"]!["labels"] = new JsonObject { ["label"] = value };
            Store(changed);
        }
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var candidate = context.Request.Path.Value!.Split('/')[1];
        var treatment = Treat(candidate);
        Requests.Enqueue((candidate, context.Request.Method));
        HasOverlapped |= _inFlight.GetValueOrDefault(candidate) > 0;

        // We learn late that a candidate has hung up on a request that we do not answer, so these do not count.
        var weight = treatment is Treatment.Fair or Treatment.Error or Treatment.Forbidden ? 1 : 0;
        _inFlight.AddOrUpdate(candidate, weight, (_, count) => count + weight);
        try
        {
            var body = context.Request.Method == "GET"
                ? null
                : (await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted))!.AsObject();
            await AnswerAsync(context, body, treatment);
        }
        catch (OperationCanceledException)
        {
            // The candidate has hung up.
        }
        finally
        {
            _inFlight.AddOrUpdate(candidate, 0, (_, count) => count - weight);
        }
    }

    private async Task AnswerAsync(HttpContext context, JsonObject? body, Treatment treatment)
    {
        if (treatment == Treatment.Busy)
        {
            context.Response.Headers.RetryAfter = "86400";
            await WriteAsync(context, 429, Status("TooManyRequests"));
            return;
        }

        if (treatment is Treatment.Error or Treatment.Forbidden)
        {
            await WriteAsync(context, treatment == Treatment.Error ? 500 : 403, Status("leases.coordination.k8s.io is forbidden"));
            return;
        }

        if (treatment == Treatment.Silence)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        }

        if (treatment == Treatment.Reset)
        {
            context.Abort();
            return;
        }

        var (code, answer) = Serve(context.Request.Method, body);
        if (treatment == Treatment.LostAnswer)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        }

        await WriteAsync(context, code, answer);
    }

    private (int Code, JsonObject Answer) Serve(string method, JsonObject? body)
    {
        lock (_gate)
        {
            switch (method)
            {
                case "POST" when Lease is not null:
                    return (409, Status("AlreadyExists"));
                case "POST":
                    Store(body);
                    return (201, Lease!);
                case var _ when Lease is null:
                    return (404, Status("NotFound"));
                case "PATCH" when (string?)body!["metadata"]!["resourceVersion"] != (string?)Lease["metadata"]!["resourceVersion"]:
                    return (409, Status("Conflict"));
                case "PATCH":
                    var patched = Lease.DeepClone().AsObject();
                    patched["spec"] ??= new JsonObject();
                    foreach (var (field, value) in body!["spec"]!.AsObject())
                    {
                        patched["spec"]![field] = value?.DeepClone();
                    }

                    Store(patched);
                    return (200, Lease);
                default:
                    return (200, Lease);
            }
        }
    }

    /// <summary>Never changed in place: answers may still be on their way.</summary>
    private void Store(JsonObject? lease)
    {
        if (lease is not null)
        {
            lease["metadata"] ??= new JsonObject();
            lease["metadata"]!["resourceVersion"] = (++_version).ToString(CultureInfo.InvariantCulture);
        }

        Lease = lease;
    }

    private static JsonObject Status(string reason) => new() { ["kind"] = "Status", ["reason"] = reason, ["message"] = reason };

    private static Task WriteAsync(HttpContext context, int code, JsonObject answer)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(answer.ToJsonString(), context.RequestAborted);
    }
}
