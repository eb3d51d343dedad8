using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace Octopoid.Operator.Tests;

/// <summary>Where instruments are made, and all that they have counted or timed since.</summary>
internal sealed class SeenMetrics : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<(string Name, double Value)> _seen = new();

    public SeenMetrics()
    {
        Meters = _services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == Meters)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => _seen.Enqueue((instrument.Name, value)));
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => _seen.Enqueue((instrument.Name, value)));
        _listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => _seen.Enqueue((instrument.Name, value)));
        _listener.Start();
    }

    public IMeterFactory Meters { get; }

    /// <summary>What an instrument has counted, or each time that it has taken, or a gauge has shown; 0 is left out.</summary>
    public IReadOnlyList<double> Of(string name) => [.. _seen.Where(seen => seen.Name == name && seen.Value > 0).Select(seen => seen.Value)];

    /// <summary>Has every gauge read once.</summary>
    public void ReadGauges() => _listener.RecordObservableInstruments();

    public void Dispose()
    {
        _listener.Dispose();
        _services.Dispose();
    }
}
