using System.Text.Json;

namespace Octopoid.Core.State.Reading;

/// <summary>The steps that reading a few of an object's fields takes. A value of another form than expected is a <see cref="JsonException"/>.</summary>
internal static class ReaderSteps
{
    /// <summary>Holds the value read to be an object.</summary>
    public static void RequireObject(this ref Utf8JsonReader reader) => Require(ref reader, JsonTokenType.StartObject);

    /// <summary>Goes on to the next property of an object; false at its end.</summary>
    public static bool ReadProperty(this ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.PropertyName;
    }

    /// <summary>Goes from a property's name into its value; false when that is null.</summary>
    public static bool ReadStart(this ref Utf8JsonReader reader, JsonTokenType start)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return false;
        }

        Require(ref reader, start);
        return true;
    }

    /// <summary>Goes on into the next object of an array; false at the array's end.</summary>
    public static bool ReadElement(this ref Utf8JsonReader reader)
    {
        do
        {
            reader.Read();
        }
        while (reader.TokenType == JsonTokenType.Null);

        if (reader.TokenType == JsonTokenType.EndArray)
        {
            return false;
        }

        Require(ref reader, JsonTokenType.StartObject);
        return true;
    }

    /// <summary>The text of a property.</summary>
    public static string? ReadText(this ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.GetString();
    }

    /// <summary>The text of a property that many objects have in common.</summary>
    public static string? ReadSharedText(this ref Utf8JsonReader reader)
    {
        reader.Read();
        return SharedStrings.Get(ref reader);
    }

    /// <summary>The time of a property; null where it is none.</summary>
    public static DateTimeOffset? ReadTime(this ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.String && reader.TryGetDateTimeOffset(out var time) ? time : null;
    }

    /// <summary>The value of a property that is true or false; null counts as false.</summary>
    public static bool ReadFlag(this ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType != JsonTokenType.Null && reader.GetBoolean();
    }

    /// <summary>Passes over a property's value.</summary>
    public static void PassOver(this ref Utf8JsonReader reader)
    {
        // Skip refuses to work on a part of a document, also where, as here, the part holds the whole value.
        reader.Read();
        reader.TrySkip();
    }

    private static void Require(ref Utf8JsonReader reader, JsonTokenType token)
    {
        if (reader.TokenType != token)
        {
            throw new JsonException($"Expected {token}, found {reader.TokenType}.");
        }
    }
}
