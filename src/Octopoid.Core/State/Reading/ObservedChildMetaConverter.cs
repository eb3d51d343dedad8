using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Octopoid.Core.Kinds;

namespace Octopoid.Core.State.Reading;

/// <summary>Reads the metadata of a Job or a pod into the little that is kept of it, and makes nothing else on the way.</summary>
public sealed class ObservedChildMetaConverter : JsonConverter<ObservedChildMeta>
{
    /// <inheritdoc/>
    public override ObservedChildMeta Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        string? name = null, namespaceName = null, uid = null, version = null;
        var isBeingDeleted = false;
        (string? TaskUid, int? Attempt, string? Blueprint, string? Repository, bool IsManaged) labels = default;
        (string? Uid, string? Job) controller = default;
        reader.RequireObject();
        while (reader.ReadProperty())
        {
            if (reader.ValueTextEquals("name"u8))
            {
                name = reader.ReadText();
            }
            else if (reader.ValueTextEquals("namespace"u8))
            {
                namespaceName = reader.ReadSharedText();
            }
            else if (reader.ValueTextEquals("uid"u8))
            {
                uid = reader.ReadText();
            }
            else if (reader.ValueTextEquals("resourceVersion"u8))
            {
                version = reader.ReadText();
            }
            else if (reader.ValueTextEquals("deletionTimestamp"u8))
            {
                isBeingDeleted = reader.ReadText() is not null;
            }
            else if (reader.ValueTextEquals("labels"u8))
            {
                labels = ReadLabels(ref reader);
            }
            else if (reader.ValueTextEquals("ownerReferences"u8))
            {
                controller = ReadController(ref reader);
            }
            else
            {
                reader.PassOver();
            }
        }

        return new ObservedChildMeta
        {
            Name = name ?? "",
            Namespace = namespaceName ?? "",
            Uid = uid ?? "",
            ResourceVersion = version ?? "",
            IsBeingDeleted = isBeingDeleted,
            TaskUid = labels.TaskUid,
            Attempt = labels.Attempt,
            Blueprint = labels.Blueprint,
            Repository = labels.Repository,
            IsManaged = labels.IsManaged,
            ControllerUid = controller.Uid,
            ControllerJob = controller.Job,
        };
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, ObservedChildMeta value, JsonSerializerOptions options) =>
        throw new NotSupportedException("What is observed is not written.");

    private static (string? TaskUid, int? Attempt, string? Blueprint, string? Repository, bool IsManaged) ReadLabels(ref Utf8JsonReader reader)
    {
        (string? TaskUid, int? Attempt, string? Blueprint, string? Repository, bool IsManaged) labels = default;
        if (!reader.ReadStart(JsonTokenType.StartObject))
        {
            return labels;
        }

        while (reader.ReadProperty())
        {
            if (reader.ValueTextEquals(Labels.TaskUid))
            {
                // Shared with the owner's UID, which is the same and comes next.
                labels.TaskUid = reader.ReadSharedText();
            }
            else if (reader.ValueTextEquals(Labels.Attempt))
            {
                labels.Attempt = int.TryParse(reader.ReadSharedText(), NumberStyles.None, CultureInfo.InvariantCulture, out var attempt)
                    ? attempt
                    : null;
            }
            else if (reader.ValueTextEquals(Labels.Managed))
            {
                labels.IsManaged = reader.ReadSharedText() == Labels.ManagedValue;
            }
            else if (reader.ValueTextEquals(Labels.Blueprint))
            {
                labels.Blueprint = reader.ReadSharedText();
            }
            else if (reader.ValueTextEquals(Labels.Repository))
            {
                labels.Repository = reader.ReadSharedText();
            }
            else
            {
                reader.PassOver();
            }
        }

        return labels;
    }

    private static (string? Uid, string? Job) ReadController(ref Utf8JsonReader reader)
    {
        (string? Uid, string? Job) controller = default;
        if (!reader.ReadStart(JsonTokenType.StartArray))
        {
            return controller;
        }

        while (reader.ReadElement())
        {
            string? kind = null, name = null, uid = null;
            var isController = false;
            while (reader.ReadProperty())
            {
                if (reader.ValueTextEquals("kind"u8))
                {
                    kind = reader.ReadSharedText();
                }
                else if (reader.ValueTextEquals("name"u8))
                {
                    name = reader.ReadText();
                }
                else if (reader.ValueTextEquals("uid"u8))
                {
                    uid = reader.ReadSharedText();
                }
                else if (reader.ValueTextEquals("controller"u8))
                {
                    isController = reader.ReadFlag();
                }
                else
                {
                    reader.PassOver();
                }
            }

            if (isController && controller.Uid is null)
            {
                controller = (uid ?? "", kind == "Job" ? name : null);
            }
        }

        return controller;
    }
}
