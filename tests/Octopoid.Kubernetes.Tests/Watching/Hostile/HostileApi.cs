using Microsoft.AspNetCore.Http;
using Octopoid.Testing;

namespace Octopoid.Kubernetes.Tests.Watching.Hostile;

/// <summary>An API server that serves one resource, with an adversary in it.</summary>
internal sealed class HostileApi(ServedThings things, Adversary adversary, FastTime time, Trace trace) : IDisposable
{
    private CancellationTokenSource _life = new();

    /// <summary>Cancelled when the server dies.</summary>
    public CancellationToken Life => _life.Token;

    public bool IsDown { get; private set; }

    public void Dispose() => _life.Dispose();

    /// <summary>The server dies, and comes back after some time with what a backup had.</summary>
    public async Task RestoreAsync(bool isBumped, TimeSpan downFor, CancellationToken cancellationToken)
    {
        trace.Add($"SERVER down, to be restored{(isBumped ? " with versions that go on" : "")}");
        IsDown = true;
        await _life.CancelAsync();
        things.Wake();
        await Task.Delay(downFor, time, cancellationToken);
        things.Restore(isBumped);
        using var before = _life;
        _life = new CancellationTokenSource();
        IsDown = false;
        trace.Add($"SERVER up at v{things.Since(0).UpTo}: {string.Join(", ", things.Now().Objects.Values)}");
    }

    public async Task AnswerAsync(HttpContext context)
    {
        var exchange = new Exchange(context, adversary, time, trace, Life);
        if (IsDown)
        {
            exchange.Reset();
        }
        else if (context.Request.Query["watch"] == "true")
        {
            await new HostileWatch(things, exchange, adversary).AnswerAsync();
        }
        else
        {
            await HostileList.AnswerAsync(things, exchange, adversary);
        }
    }
}
