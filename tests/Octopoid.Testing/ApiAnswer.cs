using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Octopoid.Testing;

/// <summary>What the API server answered to one request.</summary>
/// <param name="Code">The HTTP status.</param>
/// <param name="Body">The body, JSON or text.</param>
public sealed record ApiAnswer(HttpStatusCode Code, string Body)
{
    /// <summary>The body as an object.</summary>
    public JsonNode Json => JsonNode.Parse(Body) ?? throw new JsonException("The answer is null.");

    /// <summary>The sentence of a refusal.</summary>
    public string Message => (string?)Json["message"] ?? Body;

    public ApiAnswer EnsureSuccess() => (int)Code is >= 200 and < 300
        ? this
        : throw new InvalidOperationException($"The API server answered {(int)Code}: {Body}");
}
