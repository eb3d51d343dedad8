namespace Octopoid.Kubernetes.Events;

/// <summary>The object that an Event is about, as the API server knows it.</summary>
/// <param name="ApiVersion">Its group and version, e.g. <c>batch/v1</c>.</param>
/// <param name="Kind">Its kind, e.g. <c>Job</c>.</param>
/// <param name="Namespace">Its namespace; null or empty for a cluster-scoped object, whose Events are kept in <c>default</c>, or in
/// <c>kube-system</c> where an old API server wants them there.</param>
/// <param name="Name">Its name.</param>
/// <param name="Uid">Its UID, by which <c>kubectl describe</c> finds its Events.</param>
/// <param name="ResourceVersion">Its version that the Event speaks of; null when that does not matter.</param>
public sealed record ObjectReference(
    string ApiVersion, string Kind, string? Namespace, string Name, string Uid, string? ResourceVersion = null);
