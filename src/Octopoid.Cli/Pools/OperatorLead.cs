using System.Globalization;
using System.Text.Json.Nodes;

namespace Octopoid.Cli.Pools;

/// <summary>Who leads by the operator's Lease.</summary>
/// <param name="Holder">The process; null where nobody holds it.</param>
/// <param name="RenewedAt">When it was last renewed.</param>
/// <param name="Lease">For how long.</param>
internal sealed record OperatorLead(string? Holder, DateTimeOffset? RenewedAt, TimeSpan Lease)
{
    /// <summary>True when somebody leads now. Clocks differ a little: a lease of grace.</summary>
    public bool IsLeading(DateTimeOffset now) => !string.IsNullOrEmpty(Holder) && now - RenewedAt < Lease * 2;

    /// <summary>Reads the freshest of a list of Leases; null where there is none.</summary>
    public static OperatorLead? Read(JsonObject leases) => leases["items"]?.AsArray().Select(lease => Of(lease?["spec"])).MaxBy(lead => lead.RenewedAt);

    private static OperatorLead Of(JsonNode? spec) => new(
        (string?)spec?["holderIdentity"],
        DateTimeOffset.TryParse((string?)spec?["renewTime"], CultureInfo.InvariantCulture, out var time) ? time : null,
        TimeSpan.FromSeconds((int?)spec?["leaseDurationSeconds"] ?? 15));
}
