using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Octopoid.Core.Kinds;

/// <summary>
/// Writes a moment as Kubernetes does: RFC 3339 in UTC with a <c>Z</c>, and a fraction only when there is one. The serializer's own
/// form, with an offset, is valid too but reads unlike every other time in <c>kubectl get -o yaml</c>.
/// </summary>
public sealed class TimestampConverter : JsonConverter<DateTimeOffset>
{
    /// <inheritdoc/>
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetDateTimeOffset();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStringValue(value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture));
    }
}
