using Octopoid.Simulation.Tests.Engine;

namespace Octopoid.Simulation.Tests.Server;

/// <summary>How well requests fare at present; plans make it worse for a while.</summary>
internal sealed class Network
{
    /// <summary>How many of a hundred requests meet a fault.</summary>
    public int Faults { get; set; }

    /// <summary>True while nothing is answered but 5xx.</summary>
    public bool IsOut { get; set; }

    /// <summary>Decides what becomes of a request, by method and path, in a test of its own.</summary>
    public Func<string, string, Fate, Fate>? Decide { get; set; }

    public Fate Draw(Chance chance, string method, string path)
    {
        var arrival = chance.Span(0.001, 0.02);
        var work = chance.Span(0.001, 0.01);
        var fate = new Fate(FateKind.Answered, arrival, work, chance.Span(0.001, 0.02));
        var isFaulty = chance.Of(1, 100) <= Faults;
        var kind = chance.Of(1, 100);
        if (Decide is not null)
        {
            return Decide(method, path, fate);
        }

        if (IsOut)
        {
            return fate with { Kind = kind <= 30 ? FateKind.Lost : FateKind.Refused, Code = kind <= 60 ? 503 : 500 };
        }

        return !isFaulty ? fate : kind switch
        {
            <= 12 => fate with { Kind = FateKind.Lost },
            <= 32 => fate with { Kind = FateKind.AnswerLost },
            <= 40 => fate with { Kind = FateKind.Refused, Code = 429, RetryAfter = chance.Span(0.5, 4) },
            <= 50 => fate with { Kind = FateKind.Refused, Code = chance.Of([500, 502, 503]) },
            <= 56 => fate with { Kind = FateKind.Refused, Code = 504 },
            <= 66 => fate with { Kind = FateKind.FailedAfterCommit, Code = chance.Of([500, 504]) },
            <= 72 => fate with { Kind = FateKind.Refused, Code = 401 },
            <= 76 => fate with { Kind = FateKind.Refused, Code = 403 },
            _ => fate with { Arrival = chance.Span(0.02, 1.8), Work = chance.Span(0.1, 5), Return = chance.Span(0.02, 4) },
        };
    }
}
