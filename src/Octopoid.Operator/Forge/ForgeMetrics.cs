using System.Diagnostics.Metrics;
using System.Globalization;

namespace Octopoid.Operator.Forge;

/// <summary>Counts the requests to forges.</summary>
internal sealed class ForgeMetrics
{
    private readonly Counter<long> _requests;

    public ForgeMetrics(IMeterFactory meters) => _requests = meters.Create("octopoid").CreateCounter<long>(
        "octopoid.forge.requests", unit: "{request}", description: "Requests to forges, by host and status; none: no whole answer came.");

    /// <summary>Notes one.</summary>
    /// <param name="host">The forge's host.</param>
    /// <param name="code">The answer's status; 0 when none came.</param>
    public void Count(string host, int code) =>
        _requests.Add(1, new("host", host), new("code", code == 0 ? "none" : code.ToString(CultureInfo.InvariantCulture)));
}
