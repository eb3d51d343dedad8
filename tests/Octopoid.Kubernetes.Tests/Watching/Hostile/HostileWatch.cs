using System.Globalization;

namespace Octopoid.Kubernetes.Tests.Watching.Hostile;

/// <summary>Answers one watch.</summary>
internal sealed class HostileWatch(ServedThings things, Exchange exchange, Adversary adversary)
{
    private static readonly TimeSpan BookmarkInterval = TimeSpan.FromSeconds(60);

    /// <summary>How far whoever asked has come.</summary>
    private long _position = long.Parse(exchange.Query("resourceVersion")!, CultureInfo.InvariantCulture);

    public async Task AnswerAsync()
    {
        var end = exchange.Elapsed + TimeSpan.FromSeconds(int.Parse(exchange.Query("timeoutSeconds")!, CultureInfo.InvariantCulture));
        switch (adversary.OfWatch())
        {
            case Fault.Refusal:
                await exchange.RefuseAsync();
                return;
            case Fault.Expiry:
                await ExpireAsync("for nothing", hasBegun: false);
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
            case Fault.End:
                exchange.Say("ends at once");
                return;
            case Fault.Stall:
                await exchange.OpenAsync();
                await exchange.HangAsync();
                return;
            case Fault.BookmarksOnly:
                await SendBookmarksOnlyAsync();
                return;
            case Fault.News:
                await exchange.SendAsync("""{"type":"NEWS","object":{"kind":"Paper"}}""" + "\n");
                break;
        }

        await StreamAsync(end);
    }

    private async Task StreamAsync(TimeSpan end)
    {
        var hasBegun = false;
        while (exchange.Elapsed < end)
        {
            var (events, upTo, changed) = things.Since(_position);
            if (exchange.Life.IsCancellationRequested)
            {
                await DieAsync(changed);
                return;
            }

            if (events is null)
            {
                await ExpireAsync("is forgotten", hasBegun);
                return;
            }

            if (!hasBegun)
            {
                await exchange.OpenAsync();
                hasBegun = true;
            }

            foreach (var happened in events)
            {
                if (!await TrySendAsync(happened))
                {
                    return;
                }
            }

            // A bookmark is true only where nothing has been left out.
            if (upTo > _position && (events.Count == 0 || adversary.Chance(20)))
            {
                await SendBookmarkAsync(upTo);
            }

            await exchange.WaitAsync(changed, BookmarkInterval);
        }

        exchange.Say("ends in time");
    }

    /// <returns>False when the stream has ended.</returns>
    private async Task<bool> TrySendAsync(ServedEvent happened)
    {
        var line = happened.Json + "\n";
        var fault = adversary.OfLine();
        switch (fault)
        {
            case Fault.CutAndReset or Fault.CutAndEnd or Fault.Stall:
                await exchange.CutAsync(line, fault);
                return false;
            case Fault.Reset:
                exchange.Reset();
                return false;
            case Fault.End:
                exchange.Say("ends");
                return false;
            case Fault.Replay when things.Before(_position) is { } older:
                exchange.Say($"goes back to {older}");
                await exchange.SendAsync(older.Json + "\n");
                break;
            case Fault.News:
                await exchange.SendAsync("""{"type":"NEWS","object":{"kind":"Paper"}}""" + "\n");
                break;
            case Fault.Late:
                await exchange.PauseAsync(TimeSpan.FromMilliseconds(adversary.Next(100, 20_000)));
                break;
        }

        if (exchange.Life.IsCancellationRequested)
        {
            exchange.Reset();
            return false;
        }

        exchange.Say($"{happened}{(fault == Fault.Duplicate ? ", twice" : "")}");
        await exchange.SendAsync(fault == Fault.Duplicate ? line + line : line);
        _position = happened.Object.Version;
        return true;
    }

    private Task SendBookmarkAsync(long version)
    {
        exchange.Say($"bookmark v{version}");
        _position = version;
        return exchange.SendAsync(
            $$$$"""{"type":"BOOKMARK","object":{"kind":"Thing","metadata":{"resourceVersion":"{{{{version}}}}","creationTimestamp":null}}}""" + "\n");
    }

    private async Task SendBookmarksOnlyAsync()
    {
        for (var count = adversary.Next(1, 5); count > 0; count--)
        {
            await SendBookmarkAsync(_position);
            await exchange.PauseAsync(TimeSpan.FromSeconds(adversary.Next(1, 60)));
        }

        exchange.Say("ends");
    }

    private async Task ExpireAsync(string why, bool hasBegun)
    {
        if (!hasBegun && adversary.Chance(50))
        {
            await exchange.ExpireAsync($"v{_position} {why}");
            return;
        }

        exchange.Say($"ERROR 410: v{_position} {why}");
        await exchange.SendAsync(Exchange.ExpiredEvent);
    }

    /// <summary>The server has gone down: at once or when it is back, streams of before break, in one of the ways in which whoever reads can know.</summary>
    private async Task DieAsync(Task back)
    {
        if (adversary.Chance(50))
        {
            await back.WaitAsync(exchange.Asker);
        }

        switch (adversary.Next(0, 4))
        {
            case 0:
                exchange.Say("ends with the server");
                break;
            case 1:
                await ExpireAsync("was restored", hasBegun: true);
                break;
            case 2 when things.Before(_position) is { } older:
                exchange.Say($"goes on with {older}");
                await exchange.SendAsync(older.Json + "\n");
                await exchange.HangAsync();
                break;
            default:
                exchange.Reset();
                break;
        }
    }
}
