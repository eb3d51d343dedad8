using System.Globalization;

namespace Octopoid.Kubernetes.Tests.Watching.Hostile;

/// <summary>Answers one list.</summary>
internal static class HostileList
{
    public static async Task AnswerAsync(ServedThings things, Exchange exchange, Adversary adversary)
    {
        // Servers may give less than was asked for.
        var limit = int.Parse(exchange.Query("limit") ?? "0", CultureInfo.InvariantCulture);
        var size = limit == 0 ? 0 : Math.Min(limit, adversary.Next(1, 7));
        var page = things.Page(size, exchange.Query("continue"));
        if (page is null)
        {
            await exchange.ExpireAsync("the page is forgotten");
            return;
        }

        var fault = adversary.OfList();
        switch (fault)
        {
            case Fault.Refusal:
                await exchange.RefuseAsync();
                return;
            case Fault.Expiry:
                await exchange.ExpireAsync("for nothing");
                return;
            case Fault.Reset:
                exchange.Reset();
                return;
            case Fault.BlackHole:
                await exchange.HangAsync();
                return;
            case Fault.NoJson:
                await exchange.PageAsync();
                return;
            case Fault.Stall or Fault.CutAndReset or Fault.CutAndEnd:
                await exchange.CutAsync(page, fault);
                return;
            case Fault.Late:
                var pause = TimeSpan.FromMilliseconds(adversary.Next(100, 25_000));
                exchange.Say($"late by {pause.TotalSeconds:0.0} s");
                await exchange.PauseAsync(pause);
                break;
        }

        if (exchange.Life.IsCancellationRequested)
        {
            exchange.Reset();
            return;
        }

        exchange.Say($"200 {page}");
        await exchange.SendAsync(page);
    }
}
