using System.Security.Cryptography;
using System.Text;

namespace Octopoid.Kubernetes.Events;

/// <summary>Texts and names that the API server takes, whatever they are made of.</summary>
internal static class EventText
{
    private const char Ellipsis = '…';
    private const int EllipsisBytes = 3;
    private const int LongestName = 253;
    private const int SuffixDigits = 16;

    /// <summary>A text that is cut, if need be, between characters and with an ellipsis. Halves of surrogate pairs become U+FFFD.</summary>
    /// <param name="text">The text; null is empty.</param>
    /// <param name="limit">The most bytes of UTF-8, as the server counts.</param>
    public static string Cut(string? text, int limit)
    {
        var cut = new StringBuilder();
        var (bytes, kept) = (0, 0);
        Span<char> characters = stackalloc char[2];
        foreach (var rune in (text ?? "").EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > limit)
            {
                cut.Length = kept;
                return cut.Append(Ellipsis).ToString();
            }

            cut.Append(characters[..rune.EncodeToUtf16(characters)]);
            kept = bytes <= limit - EllipsisBytes ? cut.Length : kept;
        }

        return cut.ToString();
    }

    /// <summary>A name for an Event of an object that no other Event has: the object's, as far as it may be, and 64 random bits.</summary>
    /// <remarks>From the system's generator, not from a seed: two processes with the same seed must not make the same names, and nothing is
    /// decided by them.</remarks>
    /// <param name="objectName">The object's name; some kinds allow more in it than Events do.</param>
    public static string NewName(string? objectName)
    {
        const int Longest = LongestName - SuffixDigits - 1;
        var name = (objectName?.Length > Longest ? objectName[..Longest] : objectName ?? "").ToLowerInvariant();
        var allowed = string.Create(name.Length, name, (characters, source) =>
        {
            for (var i = 0; i < source.Length; i++)
            {
                characters[i] = char.IsAsciiLetterLower(source[i]) || char.IsAsciiDigit(source[i]) || source[i] == '.' ? source[i] : '-';
            }
        });
        var labels = allowed.Split('.').Select(label => label.Trim('-')).Where(label => label.Length > 0);
        return string.Join('.', labels.DefaultIfEmpty("event")) + "." + RandomNumberGenerator.GetHexString(SuffixDigits, lowercase: true);
    }
}
