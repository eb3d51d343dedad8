using System.Globalization;

namespace Octopoid.Testing.Forges;

/// <summary>A primary rate limit: so many requests in an hour, which begins with the first of them.</summary>
/// <param name="perHour">How many; null for no limit.</param>
internal sealed class ForgeLimit(int? perHour)
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private DateTimeOffset? _reset;
    private int _used;

    /// <summary>How many requests in an hour; null for no limit.</summary>
    public int? PerHour { get; set; } = perHour;

    /// <summary>True when no more requests are answered until the hour is over.</summary>
    public bool IsExhausted(DateTimeOffset now)
    {
        Turn(now);
        return _used >= PerHour;
    }

    /// <summary>Counts a request.</summary>
    public void Count(DateTimeOffset now)
    {
        Turn(now);
        _reset ??= now + Hour;
        _used++;
    }

    /// <summary>The state of the limit; null without one.</summary>
    public (int Limit, int Remaining, int Used, long Reset)? State(DateTimeOffset now)
    {
        Turn(now);
        return PerHour is { } limit ? (limit, Math.Max(0, limit - _used), _used, (_reset ?? now + Hour).ToUnixTimeSeconds()) : null;
    }

    /// <summary>Adds the headers that tell the state to those of an answer, save those it has.</summary>
    /// <param name="now">The forge's time.</param>
    /// <param name="headers">The headers.</param>
    /// <param name="prefix">What their names begin with.</param>
    public void Describe(DateTimeOffset now, Dictionary<string, string> headers, string prefix = "x-ratelimit-")
    {
        if (State(now) is not { } state)
        {
            return;
        }

        headers.TryAdd(prefix + "limit", state.Limit.ToString(CultureInfo.InvariantCulture));
        headers.TryAdd(prefix + "remaining", state.Remaining.ToString(CultureInfo.InvariantCulture));
        headers.TryAdd(prefix + "used", state.Used.ToString(CultureInfo.InvariantCulture));
        headers.TryAdd(prefix + "reset", state.Reset.ToString(CultureInfo.InvariantCulture));
        headers.TryAdd(prefix + "resource", "core");
    }

    private void Turn(DateTimeOffset now)
    {
        // The header tells whole seconds, and a client that comes back then is let in.
        if (_reset is { } reset && now.ToUnixTimeSeconds() >= reset.ToUnixTimeSeconds())
        {
            _reset = null;
            _used = 0;
        }
    }
}
