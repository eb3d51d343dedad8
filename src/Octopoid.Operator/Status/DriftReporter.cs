using System.Diagnostics.Metrics;
using Octopoid.Core.Kinds;
using Octopoid.Kubernetes.Events;

namespace Octopoid.Operator.Status;

/// <summary>Tells of what a self-audit had to repair: an error in the log, an Event of the orchestrator, a counter that must stay 0.</summary>
internal sealed partial class DriftReporter
{
    private readonly EventRecorder _recorder;
    private readonly Counter<int> _counter;
    private readonly ILogger _logger;

    public DriftReporter(EventRecorder recorder, IMeterFactory meters, ILogger<DriftReporter> logger)
    {
        _recorder = recorder;
        _logger = logger;
        _counter = meters.Create("octopoid").CreateCounter<int>(
            "octopoid.ledger.drift", description: "Slots that a self-audit found wrong and repaired; above 0, there is a bug.");

        // Told from the beginning: an increase from nothing is none for who scrapes.
        _counter.Add(0);
    }

    /// <summary>Tells of one repair.</summary>
    /// <param name="drift">What was wrong, a sentence.</param>
    /// <param name="orchestrator">The orchestrator; null when there is none.</param>
    public void Report(string drift, AgentOrchestrator? orchestrator)
    {
        _counter.Add(1);
        LogDrift(drift);
        if (orchestrator is not null)
        {
            _recorder.Publish(
                new ObjectReference(
                    $"{ApiGroup.Name}/{ApiGroup.Version}", AgentOrchestrator.KindName, null, orchestrator.Metadata.Name, orchestrator.Metadata.Uid),
                EventType.Warning,
                Reasons.LedgerDrift,
                "AuditLedger",
                drift);
        }
    }

    [LoggerMessage(EventId = 2201, Level = LogLevel.Error, Message = "The ledger was wrong and has been repaired: {Drift}")]
    private partial void LogDrift(string drift);
}
