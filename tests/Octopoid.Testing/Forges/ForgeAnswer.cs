using System.Text;

namespace Octopoid.Testing.Forges;

/// <summary>An answer of a <see cref="TestForge"/>.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">The bytes of its body.</param>
public sealed record ForgeAnswer(int Status, ReadOnlyMemory<byte> Body)
{
    /// <summary>The media type of the forge's own answers.</summary>
    public const string Json = "application/json; charset=utf-8";

    /// <summary>An answer with a text.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="body">The text.</param>
    /// <param name="contentType">What it is.</param>
    public ForgeAnswer(int status, string body, string contentType = Json)
        : this(status, Encoding.UTF8.GetBytes(body)) => Headers["Content-Type"] = contentType;

    /// <summary>Its headers. The forge adds those that all of its answers have and this one lacks.</summary>
    /// <remarks>A header with an empty value is not sent; only Date always is.</remarks>
    public Dictionary<string, string> Headers { get; init; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The same with another header.</summary>
    /// <param name="name">E.g. <c>Retry-After</c>.</param>
    /// <param name="value">Its value; null takes the header away.</param>
    public ForgeAnswer With(string name, string? value)
    {
        var headers = new Dictionary<string, string>(Headers, StringComparer.OrdinalIgnoreCase);
        if (value is null)
        {
            headers.Remove(name);
        }
        else
        {
            headers[name] = value;
        }

        return this with { Headers = headers };
    }
}
