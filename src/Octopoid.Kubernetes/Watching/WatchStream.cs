using System.Buffers;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Octopoid.Kubernetes.Transport;

namespace Octopoid.Kubernetes.Watching;

/// <summary>Reads a watch's body: one JSON event a line.</summary>
internal static class WatchStream
{
    /// <summary>The API server takes deeper objects than the reader does unless it is told.</summary>
    private static readonly JsonReaderOptions DeepEnough = new() { MaxDepth = 1024 };

    /// <summary>Holds several of our Jobs; a longer line makes it grow.</summary>
    private const int BufferLength = 64 * 1024;

    /// <summary>The events, until the server ends the stream or the token is cancelled. A last line that was cut is dropped.</summary>
    /// <param name="body">The answer's body.</param>
    /// <param name="resource">How to read an object.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ApiException">An ERROR event, such as 410 Expired.</exception>
    /// <exception cref="JsonException">A line that is no event at all.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public static async IAsyncEnumerable<WatchEvent<T>> ReadAsync<T>(
        Stream body, WatchedResource<T> resource, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class
    {
        // Whole lines in one piece, which the JSON reader reads faster than the pieces that a pipe would give.
        var buffer = new byte[BufferLength];
        var (start, end) = (0, 0);
        while (true)
        {
            for (int length; (length = buffer.AsSpan(start..end).IndexOf((byte)'\n')) >= 0; start += length + 1)
            {
                if (length > 0)
                {
                    var line = buffer.AsMemory(start, length);
                    yield return TryParse(line.Span, resource) ?? ParseAny(new ReadOnlySequence<byte>(line), resource.Json);
                }
            }

            buffer.AsSpan(start..end).CopyTo(buffer);
            (start, end) = (0, end - start);
            if (end == buffer.Length)
            {
                Array.Resize(ref buffer, 2 * end);
            }

            var read = await body.ReadAsync(buffer.AsMemory(end), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                yield break;
            }

            end += read;
        }
    }

    /// <summary>Reads an event as servers write it, the type before the object, in one go; null where it is any other line.</summary>
    private static WatchEvent<T>? TryParse<T>(ReadOnlySpan<byte> line, WatchedResource<T> resource)
        where T : class
    {
        try
        {
            var reader = new Utf8JsonReader(line, DeepEnough);
            if (!(reader.Read() && reader.Read() && reader.ValueTextEquals("type"u8) && reader.Read()))
            {
                return null;
            }

            var kind = KindOf(ref reader);
            return kind is WatchEventKind.Put or WatchEventKind.Deleted
                && reader.Read() && reader.ValueTextEquals("object"u8)
                && JsonSerializer.Deserialize(ObjectOf(line[(int)reader.BytesConsumed..]), resource.Json) is { } found
                ? new WatchEvent<T>(kind, resource.Identify(found).ResourceVersion, found)
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>What is left of a line without the brace that ends it. If that is no object alone, the serializer says so: to ask the reader
    /// where the object ends would be to read it twice.</summary>
    private static ReadOnlySpan<byte> ObjectOf(ReadOnlySpan<byte> rest) => rest.TrimEnd("\r "u8) is [.. var found, (byte)'}'] ? found : rest;

    private static WatchEvent<T> ParseAny<T>(ReadOnlySequence<byte> line, JsonTypeInfo<T> json)
        where T : class
    {
        var kind = WatchEventKind.Unknown;
        var isError = false;
        ReadOnlySequence<byte> found = default;
        var reader = new Utf8JsonReader(line, DeepEnough);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("type"u8))
            {
                reader.Read();
                isError = reader.ValueTextEquals("ERROR"u8);
                kind = KindOf(ref reader);
            }
            else if (reader.ValueTextEquals("object"u8))
            {
                reader.Read();
                var start = reader.TokenStartIndex;
                reader.Skip();
                found = line.Slice(start, reader.BytesConsumed - start);
            }
            else
            {
                reader.Skip();
            }
        }

        if (isError)
        {
            throw Failure(found);
        }

        var version = VersionOf(found);
        if (kind is not (WatchEventKind.Put or WatchEventKind.Deleted))
        {
            // A bookmark's object has a version and nothing else: it must never be read as a T.
            return new WatchEvent<T>(kind, version, null);
        }

        try
        {
            var objectReader = new Utf8JsonReader(found, DeepEnough);
            return new WatchEvent<T>(kind, version, JsonSerializer.Deserialize(ref objectReader, json));
        }
        catch (JsonException)
        {
            // One object must not deafen us to all others.
            return new WatchEvent<T>(WatchEventKind.Unreadable, version, null);
        }
    }

    private static WatchEventKind KindOf(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("ADDED"u8) || reader.ValueTextEquals("MODIFIED"u8) ? WatchEventKind.Put
        : reader.ValueTextEquals("DELETED"u8) ? WatchEventKind.Deleted
        : reader.ValueTextEquals("BOOKMARK"u8) ? WatchEventKind.Bookmark
        : WatchEventKind.Unknown;

    private static string? VersionOf(ReadOnlySequence<byte> found)
    {
        var reader = new Utf8JsonReader(found, DeepEnough);
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName)
            {
                continue;
            }

            var isMetadata = reader.CurrentDepth == 1 && reader.ValueTextEquals("metadata"u8);
            var isVersion = reader.CurrentDepth == 2 && reader.ValueTextEquals("resourceVersion"u8);
            reader.Read();
            if (isVersion)
            {
                return reader.GetString();
            }

            if (!isMetadata)
            {
                reader.Skip();
            }
        }

        return null;
    }

    private static ApiException Failure(ReadOnlySequence<byte> found)
    {
        var reader = new Utf8JsonReader(found);
        var status = JsonSerializer.Deserialize(ref reader, TransportJson.Default.ApiStatus);
        return new ApiException(
            (HttpStatusCode)(status?.Code ?? 500), status?.Reason ?? "", status?.Message ?? "The watch failed.", null);
    }
}
