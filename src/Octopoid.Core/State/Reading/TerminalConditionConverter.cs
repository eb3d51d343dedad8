using System.Text.Json;
using System.Text.Json.Serialization;

namespace Octopoid.Core.State.Reading;

/// <summary>Reads the status of a Job into the condition that ended it, the first that is true; null where none is.</summary>
public sealed class TerminalConditionConverter : JsonConverter<ObservedJob.JobCondition?>
{
    /// <inheritdoc/>
    public override ObservedJob.JobCondition? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        ObservedJob.JobCondition? terminal = null;
        reader.RequireObject();
        while (reader.ReadProperty())
        {
            if (!reader.ValueTextEquals("conditions"u8))
            {
                reader.PassOver();
            }
            else if (reader.ReadStart(JsonTokenType.StartArray))
            {
                while (reader.ReadElement())
                {
                    var condition = ReadCondition(ref reader);
                    terminal ??= condition;
                }
            }
        }

        return terminal;
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, ObservedJob.JobCondition? value, JsonSerializerOptions options) =>
        throw new NotSupportedException("What is observed is not written.");

    private static ObservedJob.JobCondition? ReadCondition(ref Utf8JsonReader reader)
    {
        string? type = null, status = null, reason = null;
        DateTimeOffset? at = null;
        while (reader.ReadProperty())
        {
            if (reader.ValueTextEquals("type"u8))
            {
                type = reader.ReadSharedText();
            }
            else if (reader.ValueTextEquals("status"u8))
            {
                status = reader.ReadSharedText();
            }
            else if (reader.ValueTextEquals("reason"u8))
            {
                reason = reader.ReadSharedText();
            }
            else if (reader.ValueTextEquals("lastTransitionTime"u8))
            {
                at = reader.ReadTime();
            }
            else
            {
                reader.PassOver();
            }
        }

        return status == "True" && type is "Complete" or "Failed" ? new ObservedJob.JobCondition(type, reason, at) : null;
    }
}
