using System.Collections.Concurrent;
using System.Globalization;

namespace Octopoid.Testing;

/// <summary>When electors counted themselves leader, on one monotonic clock; finds two that did at once.</summary>
/// <remarks>
/// A reading is (time before, asked and answered yes, time after). Who answers yes between b1 and a1 and somebody of a later epoch between b2
/// and a2 have certainly both led at once if the later one's first a2 lies before the earlier one's last b1.
/// </remarks>
public sealed class Beliefs
{
    private readonly ConcurrentDictionary<long, Term> _terms = new();

    /// <summary>The terms seen, by epoch.</summary>
    public IReadOnlyList<Term> Terms => [.. _terms.Values.OrderBy(term => term.Epoch)];

    /// <summary>Notes that an elector counted itself leader.</summary>
    /// <param name="elector">Who.</param>
    /// <param name="epoch">The epoch that it has.</param>
    /// <param name="before">The time just before it was asked.</param>
    /// <param name="after">The time just after it said so.</param>
    public void Add(string elector, long epoch, long before, long after)
    {
        var term = _terms.AddOrUpdate(
            epoch,
            _ => new Term(elector, epoch, after, before),
            (_, known) => known with { FirstAfter = Math.Min(known.FirstAfter, after), LastBefore = Math.Max(known.LastBefore, before) });
        if (term.Elector != elector)
        {
            throw new InvalidOperationException($"{elector} and {term.Elector} both have epoch {epoch}.");
        }
    }

    /// <summary>Adds what another process has written, a line a reading: <c>elector epoch before after</c>. A last line that was cut is left out.</summary>
    /// <param name="journal">The text.</param>
    public void Read(string journal)
    {
        foreach (var line in journal.Split('\n').SkipLast(1).Select(line => line.Split(' ')))
        {
            Add(line[0], Number(line[1]), Number(line[2]), Number(line[3]));
        }
    }

    /// <summary>Pairs of terms that certainly overlapped.</summary>
    public IReadOnlyList<(Term Earlier, Term Later)> Overlaps() =>
        [.. Terms.Zip(Terms.Skip(1)).Where(pair => pair.Second.FirstAfter < pair.First.LastBefore)];

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>One term as it was seen.</summary>
    /// <param name="Elector">Whose.</param>
    /// <param name="Epoch">Its number.</param>
    /// <param name="FirstAfter">A time by which it had begun.</param>
    /// <param name="LastBefore">A time at which it had not ended.</param>
    public sealed record Term(string Elector, long Epoch, long FirstAfter, long LastBefore);
}
