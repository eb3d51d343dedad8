using System.Buffers;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
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
                    yield return Parse(buffer.AsMemory(start, length), resource);
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

    private static WatchEvent<T> Parse<T>(ReadOnlyMemory<byte> line, WatchedResource<T> resource)
        where T : class
    {
        try
        {
            return TryParse(line.Span, resource) ?? ParseAny(new ReadOnlySequence<byte>(line), resource);
        }
        catch (InvalidOperationException e)
        {
            // So the reader calls half of a surrogate pair.
            throw new JsonException("The line is no event.", e);
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
        catch (Exception e) when (IsOfForm(e))
        {
            return null;
        }
    }

    /// <summary>True for what reading an object of another form brings: of JSON, of the reader, or of whoever takes its identity.</summary>
    private static bool IsOfForm(Exception e) => e is JsonException or InvalidOperationException or NullReferenceException;

    /// <summary>What is left of a line without the brace that ends it. If that is no object alone, the serializer says so: to ask the reader
    /// where the object ends would be to read it twice.</summary>
    private static ReadOnlySpan<byte> ObjectOf(ReadOnlySpan<byte> rest) => rest.TrimEnd("\r "u8) is [.. var found, (byte)'}'] ? found : rest;

    private static WatchEvent<T> ParseAny<T>(ReadOnlySequence<byte> line, WatchedResource<T> resource)
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
                if (reader.TokenType != JsonTokenType.String)
                {
                    throw new JsonException("The type of a line is no string.");
                }

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
            var read = JsonSerializer.Deserialize(ref objectReader, resource.Json) ?? throw new JsonException("There is no object.");
            _ = resource.Identify(read);
            return new WatchEvent<T>(kind, version, read);
        }
        catch (Exception e) when (IsOfForm(e))
        {
            // One object must not deafen us to all others; and that it is gone can be told without reading the rest of it.
            return kind == WatchEventKind.Deleted && IdentityOf(found) is { } gone
                ? new WatchEvent<T>(kind, version, null) { Gone = gone }
                : new WatchEvent<T>(WatchEventKind.Unreadable, version, null);
        }
    }

    private static ObjectIdentity? IdentityOf(ReadOnlySequence<byte> found)
    {
        try
        {
            var reader = new Utf8JsonReader(found, DeepEnough);
            return JsonSerializer.Deserialize(ref reader, PartialObjectJson.Default.PartialObject)?.Identity;
        }
        catch (JsonException)
        {
            return null;
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
                return reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
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
