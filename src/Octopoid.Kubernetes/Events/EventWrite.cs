namespace Octopoid.Kubernetes.Events;

/// <summary>One write to be made: an Event's creation, or a patch of its series.</summary>
/// <param name="Series">What is written of.</param>
/// <param name="IsNew">True for a creation.</param>
/// <param name="Count">How often it had been said when the write was drawn up.</param>
/// <param name="Last">When it had been said last.</param>
internal sealed record EventWrite(EventSeries Series, bool IsNew, int Count, DateTimeOffset Last);
