using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Octopoid.Kubernetes.Tests.Events;

/// <summary>Listens to the counter of Events.</summary>
internal sealed class EventResults : IDisposable
{
    private readonly ConcurrentDictionary<string, long> _counts = new();
    private readonly MeterListener _listener = new();

    public EventResults(IMeterFactory meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "kubernetes.client.events" && instrument.Meter.Scope == meters)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
            _counts.AddOrUpdate((string)tags[0].Value!, value, (_, known) => known + value));
        _listener.Start();
    }

    public long this[string result] => _counts.GetValueOrDefault(result);

    public void Dispose() => _listener.Dispose();
}
