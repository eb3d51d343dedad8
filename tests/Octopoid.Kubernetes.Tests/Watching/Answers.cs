using Microsoft.AspNetCore.Http;

namespace Octopoid.Kubernetes.Tests.Watching;

/// <summary>What a scripted server may answer.</summary>
internal static class Answers
{
    /// <summary>Takes the request and says nothing.</summary>
    public static Func<HttpContext, Task> Silence => context =>
        Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);

    public static Func<HttpContext, Task> Text(string text) => context => context.Response.WriteAsync(text, context.RequestAborted);

    /// <summary>Says something, and then nothing more, without an end.</summary>
    public static Func<HttpContext, Task> Stalled(string text) => async context =>
    {
        await context.Response.WriteAsync(text, context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        await Silence(context);
    };

    /// <summary>Answers when it is told to.</summary>
    public static Func<HttpContext, Task> When(Task ready, Func<HttpContext, Task> answer) => async context =>
    {
        await ready.WaitAsync(context.RequestAborted);
        await answer(context);
    };

    public static Func<HttpContext, Task> List(int version, params (string Name, int Version)[] things) => Page(version, null, things);

    public static Func<HttpContext, Task> Page(int version, string? next, params (string Name, int Version)[] things) => Text(
        $$$"""{"metadata":{"resourceVersion":"{{{version}}}","continue":"{{{next}}}"},"items":["""
        + string.Join(',', things.Select(thing => Object(thing.Name, thing.Version))) + "]}");

    /// <summary>A watch that says some lines and ends; a last line that is cut is sent as it is.</summary>
    public static Func<HttpContext, Task> Watch(params string[] lines) => Text(string.Join('\n', lines) + (lines is [.., [.., '}']] ? "\n" : ""));

    /// <summary>A watch that says some lines and stays open.</summary>
    public static Func<HttpContext, Task> OpenWatch(params string[] lines) => Stalled(string.Join('\n', lines) + "\n");

    public static Func<HttpContext, Task> Status(int code, int? retryAfterHeader = null, int? retryAfterDetail = null) => context =>
    {
        context.Response.StatusCode = code;
        if (retryAfterHeader is { } seconds)
        {
            context.Response.Headers.RetryAfter = $"{seconds}";
        }

        var details = retryAfterDetail is null ? "" : $$""","details":{"retryAfterSeconds":{{retryAfterDetail}}}""";
        return context.Response.WriteAsync($$"""{"kind":"Status","code":{{code}},"message":"no"{{details}}}""", context.RequestAborted);
    };

    public static string Event(string type, string name, int version) => $$"""{"type":"{{type}}","object":{{Object(name, version)}}}""";

    public static string Bookmark(int version) =>
        $$$$"""{"type":"BOOKMARK","object":{"kind":"Thing","metadata":{"resourceVersion":"{{{{version}}}}"}}}""";

    private static string Object(string name, int version) =>
        $$$"""{"metadata":{"name":"{{{name}}}","namespace":"n","uid":"{{{name}}}","resourceVersion":"{{{version}}}"}}""";
}
