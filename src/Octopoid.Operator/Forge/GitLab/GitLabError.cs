using System.Text.Json;
using System.Text.Json.Serialization;

namespace Octopoid.Operator.Forge.GitLab;

/// <summary>What GitLab says of a refusal: a text, or an object with the text in it; of a token's scope, by OAuth's fields (RFC 6750).</summary>
internal sealed record GitLabError
{
    public JsonElement Message { get; init; }

    public JsonElement Error { get; init; }

    [JsonPropertyName("error_description")]
    public string? ErrorDescription { get; init; }

    /// <summary>The text; null where there is none.</summary>
    [JsonIgnore]
    public string? Text => Of(Message) ?? ErrorDescription ?? Of(Error);

    private static string? Of(JsonElement said)
    {
        try
        {
            return said.ValueKind switch
            {
                JsonValueKind.String => said.GetString(),
                JsonValueKind.Object when said.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.String => error.GetString(),
                _ => null,
            };
        }
        catch (InvalidOperationException)
        {
            // Half a character.
            return null;
        }
    }
}
