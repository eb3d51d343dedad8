namespace Octopoid.Simulation.Tests.Checks;

/// <summary>Invariants that the operator is known to break. Each must become true, and then go.</summary>
internal static class KnownGaps
{
    /// <summary>
    /// A claim is judged by what its process knew when it sent the try that landed, not only by what it knew when it decided. The operator sends a
    /// claim again, without deciding anew, until its outcome is definite; meanwhile it may learn of a lower cap or a pause.
    /// </summary>
    public const bool IsClaimJudgedByTheTryThatLanded = false;

    /// <summary>
    /// A Job is made only while its claim stands. A result that was recorded without an answer is found by a live read; but the slot that is freed
    /// then is taken again by the claim that the task's late watch still shows, and its Job is made. Seeds
    /// 758 and 4929 (of which the latter then fails anyway: add it to <see cref="Seeds.Failed"/>).
    /// </summary>
    public const bool IsStandingClaimDemanded = false;

    /// <summary>Why the tests of these gaps do not run.</summary>
    public const string Skipped = "The operator does not do so yet.";
}
