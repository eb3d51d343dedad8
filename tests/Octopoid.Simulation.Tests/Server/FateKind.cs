namespace Octopoid.Simulation.Tests.Server;

/// <summary>What becomes of a request, in a word.</summary>
internal enum FateKind
{
    /// <summary>It is carried out, if its time is not over, and answered.</summary>
    Answered,

    /// <summary>It never arrives.</summary>
    Lost,

    /// <summary>It is carried out, but the answer never comes.</summary>
    AnswerLost,

    /// <summary>It is answered by a failure, and not carried out.</summary>
    Refused,

    /// <summary>It is carried out, and answered by a failure.</summary>
    FailedAfterCommit,
}
