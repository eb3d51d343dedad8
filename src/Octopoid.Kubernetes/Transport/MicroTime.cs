using System.Globalization;

namespace Octopoid.Kubernetes.Transport;

/// <summary>Kubernetes' MicroTime, the form of time in leases and events.</summary>
public static class MicroTime
{
    /// <summary>A time as the API server takes it: always with exactly six digits of the second, or it is refused.</summary>
    /// <param name="time">The time.</param>
    public static string Format(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
