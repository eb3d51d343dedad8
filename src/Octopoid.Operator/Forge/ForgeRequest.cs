using System.Net.Http.Headers;

namespace Octopoid.Operator.Forge;

/// <summary>A request to a forge's API.</summary>
/// <param name="Method">Its method.</param>
/// <param name="Address">Where to.</param>
/// <param name="Authorization">In whose name; null: nobody's.</param>
internal sealed record ForgeRequest(HttpMethod Method, Uri Address, AuthenticationHeaderValue? Authorization)
{
    /// <summary>What is kept of the answer has this tag: if nothing has changed, it need not be sent again. Null: nothing is kept.</summary>
    public string? ETag { get; init; }

    /// <summary>Certificate authorities to trust beside those of the system, PEM; null: none.</summary>
    public string? Authorities { get; init; }

    /// <summary>Headers that the provider asks for.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Never what it holds: records print all that they have.</summary>
    public override string ToString() => $"{Method} {Address.Host}";
}
