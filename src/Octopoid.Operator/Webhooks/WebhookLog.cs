using System.Diagnostics.Metrics;
using System.Text.Json;

namespace Octopoid.Operator.Webhooks;

/// <summary>Counts deliveries, and tells of those that are refused: by a line a minute, however many they are.</summary>
internal sealed partial class WebhookLog : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, long> _refused = new(StringComparer.Ordinal);
    private readonly Counter<long> _deliveries;
    private readonly ILogger _logger;
    private readonly ITimer _pause;
    private bool _pauses;

    public WebhookLog(IMeterFactory meters, TimeProvider time, ILogger<WebhookLog> logger)
    {
        _logger = logger;
        _pause = time.CreateTimer(_ => EndPause(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _deliveries = meters.Create("octopoid").CreateCounter<long>(
            "octopoid.webhook.deliveries", unit: "{delivery}", description: "Webhooks' deliveries, by provider and what became of them.");
    }

    /// <summary>Notes one.</summary>
    /// <param name="provider">Whose path it came to; null: to another.</param>
    /// <param name="result">What became of it.</param>
    public void Note(string? provider, WebhookResult result)
    {
        var (whose, what) = (provider ?? "none", JsonNamingPolicy.SnakeCaseLower.ConvertName(result.ToString()));
        _deliveries.Add(1, new("provider", whose), new("result", what));
        if (result <= WebhookResult.Unknown || result == WebhookResult.Aborted)
        {
            return;
        }

        lock (_gate)
        {
            var kind = $"{whose} {what}";
            _refused[kind] = _refused.GetValueOrDefault(kind) + 1;
            if (!_pauses)
            {
                Tell();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _pause.Dispose();

    /// <summary>Tells the rest of a minute in which something was told.</summary>
    private void EndPause()
    {
        lock (_gate)
        {
            _pauses = false;
            if (_refused.Count > 0)
            {
                Tell();
            }
        }
    }

    private void Tell()
    {
        LogRefused(string.Join(", ", _refused.Select(entry => $"{entry.Value} {entry.Key}")));
        _refused.Clear();
        _pauses = true;
        _pause.Change(Interval, Timeout.InfiniteTimeSpan);
    }

    [LoggerMessage(EventId = 3601, Level = LogLevel.Warning, Message = "Webhooks were refused (number, provider, why): {Refused}. Whatever more there are is told in a minute.")]
    private partial void LogRefused(string refused);
}
