using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Octopoid.Testing;

namespace Octopoid.Kubernetes.Tests.Watching.Hostile;

/// <summary>One request and the ways to answer it, for better or worse.</summary>
internal sealed class Exchange
{
    private const int Gone = 410;

    private readonly HttpContext _context;
    private readonly Adversary _adversary;
    private readonly FastTime _time;
    private readonly Trace _trace;
    private readonly int _number;

    public Exchange(HttpContext context, Adversary adversary, FastTime time, Trace trace, CancellationToken life)
    {
        (_context, _adversary, _time, _trace, Life) = (context, adversary, time, trace, life);
        _number = trace.NextRequest();
        Say($"GET {context.Request.Path}{context.Request.QueryString}");
    }

    /// <summary>Cancelled when the server dies.</summary>
    public CancellationToken Life { get; }

    /// <summary>Cancelled when whoever asked has gone.</summary>
    public CancellationToken Asker => _context.RequestAborted;

    public string? Query(string name) => _context.Request.Query[name] is [{ } value, ..] ? value : null;

    public void Say(string what) => _trace.Add(string.Create(CultureInfo.InvariantCulture, $"#{_number} {what}"));

    public Task PauseAsync(TimeSpan pause) => Task.Delay(pause, _time, Asker);

    /// <summary>Waits for something, or for so long.</summary>
    public async Task WaitAsync(Task something, TimeSpan atMost)
    {
        await something.WaitAsync(atMost, _time, Asker).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Asker.ThrowIfCancellationRequested();
    }

    public TimeSpan Elapsed => _time.Elapsed;

    public async Task SendAsync(string text)
    {
        await _context.Response.WriteAsync(text, Asker);
        await _context.Response.Body.FlushAsync(Asker);
    }

    public Task OpenAsync() => _context.Response.Body.FlushAsync(Asker);

    public void Reset()
    {
        Say("reset");
        _context.Abort();
    }

    public Task HangAsync()
    {
        Say("hangs");
        return Task.Delay(Timeout.InfiniteTimeSpan, _time, Asker);
    }

    public Task PageAsync()
    {
        Say("a page");
        return SendAsync("<html>\n<body>All is well.</body>\n</html>\n");
    }

    public Task ExpireAsync(string when)
    {
        Say($"410 {when}");
        return StatusAsync(Gone, "Expired", "");
    }

    public static string ExpiredEvent => $$"""{"type":"ERROR","object":{{Status(Gone, "Expired", "")}}}""" + "\n";

    /// <summary>Refuses, now and then with the wish to be asked later, said in one of three ways.</summary>
    public Task RefuseAsync()
    {
        int[] codes = [429, 429, 500, 503, 504];
        var code = codes[_adversary.Next(0, codes.Length)];
        var seconds = _adversary.Next(1, 20);
        var details = "";
        switch (_adversary.Next(0, 4))
        {
            case 0:
                _context.Response.Headers.RetryAfter = $"{seconds}";
                break;
            case 1:
                details = $$""","details":{"retryAfterSeconds":{{seconds}}}""";
                break;
            case 2:
                _context.Response.Headers.RetryAfter = (_time.GetUtcNow() + TimeSpan.FromSeconds(seconds)).ToString("r", CultureInfo.InvariantCulture);
                break;
        }

        Say($"{code}");
        return StatusAsync(code, "No", details);
    }

    /// <summary>Sends some of a text and then fails as a fault says.</summary>
    public async Task CutAsync(string text, Fault fault)
    {
        // Never the whole, and never nothing of it.
        var part = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text).AsSpan(0, _adversary.Next(1, text.TrimEnd().Length)));
        Say($"{fault} after {part.Length} of {text.Length} bytes");
        await SendAsync(part);
        if (fault == Fault.Stall)
        {
            await HangAsync();
        }
        else if (fault == Fault.CutAndReset)
        {
            _context.Abort();
        }
    }

    private Task StatusAsync(int code, string reason, string details)
    {
        _context.Response.StatusCode = code;
        return SendAsync(Status(code, reason, details));
    }

    private static string Status(int code, string reason, string details) =>
        $$"""{"kind":"Status","code":{{code}},"reason":"{{reason}}","message":"The adversary says {{code}}."{{details}}}""";
}
