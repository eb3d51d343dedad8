namespace Octopoid.Core.State;

/// <summary>All that a gate can tell waiting tasks apart by.</summary>
/// <param name="Namespace">Their namespace.</param>
/// <param name="Role">The role that they wait for.</param>
/// <param name="Repository">The name of their repository; null for tasks without.</param>
/// <param name="HasOpenPullRequest">True for tasks whose own pull request is open: they are to mend it, and open no other.</param>
public readonly record struct QueueKey(string Namespace, string Role, string? Repository, bool HasOpenPullRequest = false);
