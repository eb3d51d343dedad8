using System.Globalization;

namespace Octopoid.Kubernetes.Watching;

/// <summary>Compares the versions of objects of one resource.</summary>
internal static class ResourceVersions
{
    /// <summary>Versions of one resource are ordered (KEP-5504 states what every release has done); what is no number is told apart only
    /// as equal or not.</summary>
    /// <param name="version">A version.</param>
    /// <param name="than">Another.</param>
    public static bool IsNewer(string version, string than) =>
        TryParse(version, out var a) && TryParse(than, out var b) ? a > b : version != than;

    /// <summary>True when a version is certainly older than another: of two that are no numbers nobody can say.</summary>
    /// <param name="version">A version.</param>
    /// <param name="than">Another.</param>
    public static bool IsOlder(string version, string than) => TryParse(version, out var a) && TryParse(than, out var b) && a < b;

    private static bool TryParse(string version, out ulong number) =>
        ulong.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
