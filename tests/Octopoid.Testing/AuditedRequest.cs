namespace Octopoid.Testing;

/// <summary>One request, as the API server logged it.</summary>
/// <param name="Verb">E.g. <c>patch</c>.</param>
/// <param name="Resource">E.g. <c>agenttasks/status</c>.</param>
/// <param name="Name">The object's; empty for a collection.</param>
/// <param name="Code">The answer's HTTP status.</param>
public sealed record AuditedRequest(string Verb, string Resource, string Name, int Code)
{
    /// <summary>True for a request that changes something.</summary>
    public bool IsWrite => Verb is not ("get" or "list" or "watch");
}
