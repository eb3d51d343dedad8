using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Octopoid.Core.Kinds;

namespace Octopoid.Operator.Forge;

/// <summary>A forge's answer, whole.</summary>
/// <param name="Code">Its status.</param>
/// <param name="Headers">Its headers, but for those of the body.</param>
/// <param name="MediaType">What its body is said to be; null where nothing is said.</param>
/// <param name="Body">Its body.</param>
/// <param name="Address">Where it came from, once redirects were followed.</param>
internal sealed record ForgeAnswer(HttpStatusCode Code, HttpResponseHeaders Headers, string? MediaType, ReadOnlyMemory<byte> Body, Uri Address)
{
    /// <summary>True when nothing has changed since the answer that was kept.</summary>
    public bool IsNotModified => Code == HttpStatusCode.NotModified;

    /// <summary>What the forge's clock said when it began to answer.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>What the request was made with, which the answer may say back; null: nothing.</summary>
    public string? Credential { private get; init; }

    /// <summary>The permanent redirect that was followed; null where there was none.</summary>
    public Uri? MovedTo { get; init; }

    /// <summary>What the forge has said, to be told to people: without the credential that it may have said back.</summary>
    /// <param name="text">What.</param>
    public string Tell(string text) => Credential is { Length: > 0 } ? text.Replace(Credential, "***", StringComparison.OrdinalIgnoreCase) : text;

    /// <summary>Never what it holds: records print all that they have.</summary>
    public override string ToString() => $"{(int)Code} of {Address.Host}";

    /// <summary>The body.</summary>
    /// <param name="json">How to read it.</param>
    /// <exception cref="ForgeException">It is not such JSON.</exception>
    public T Read<T>(JsonTypeInfo<T> json)
        where T : class
    {
        if (MediaType is not null && !MediaType.Contains("json", StringComparison.OrdinalIgnoreCase))
        {
            throw new ForgeException(
                Reasons.MalformedAnswer, $"{Address.Host} answered with {Tell(MediaType)} instead of JSON; is apiUrl right, and no sign-in page or proxy in between?");
        }

        try
        {
            return JsonSerializer.Deserialize(Body.Span, json)
                ?? throw new ForgeException(Reasons.MalformedAnswer, $"{Address.Host} answered with nothing.");
        }
        catch (JsonException)
        {
            // The exception's own words may quote the body.
            throw new ForgeException(Reasons.MalformedAnswer, $"{Address.Host} answered with JSON that is cut, or not as its API is documented.");
        }
    }

    /// <summary>The body; null where it is no such JSON.</summary>
    /// <param name="json">How to read it.</param>
    public T? TryRead<T>(JsonTypeInfo<T> json)
        where T : class
    {
        try
        {
            return Body.Length > 0 ? JsonSerializer.Deserialize(Body.Span, json) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A header's whole number; null where there is none.</summary>
    public long? Number(string header) =>
        Headers.TryGetValues(header, out var values) && long.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
