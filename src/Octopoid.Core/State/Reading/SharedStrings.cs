using System.Text.Json;

namespace Octopoid.Core.State.Reading;

/// <summary>Gives equal strings that are read as one object where it can: namespaces, kinds, the UID that label and owner have in common.</summary>
/// <remarks>
/// It remembers the last string of each slot and no more, so what comes never makes it grow. Any thread may read: whichever string is
/// found in a slot is compared, and which one stays in it does not matter.
/// </remarks>
internal static class SharedStrings
{
    private const int LongestLength = 64;

    private static readonly string?[] Slots = new string?[1024];

    /// <summary>The string that the reader is at; null for null.</summary>
    public static string? Get(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String || reader.HasValueSequence || reader.ValueIsEscaped || reader.ValueSpan.Length > LongestLength)
        {
            return reader.GetString();
        }

        var hash = 0u;
        foreach (var letter in reader.ValueSpan)
        {
            hash = (hash * 31) + letter;
        }

        ref var slot = ref Slots[hash % (uint)Slots.Length];
        var known = slot;
        return known is not null && reader.ValueTextEquals(known) ? known : slot = reader.GetString();
    }
}
