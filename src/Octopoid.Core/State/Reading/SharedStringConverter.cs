using System.Text.Json;
using System.Text.Json.Serialization;

namespace Octopoid.Core.State.Reading;

/// <summary>Reads a string that many objects have in common, such as a namespace, so that it is kept once.</summary>
public sealed class SharedStringConverter : JsonConverter<string?>
{
    /// <inheritdoc/>
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => SharedStrings.Get(ref reader);

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, string? value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStringValue(value);
    }
}
