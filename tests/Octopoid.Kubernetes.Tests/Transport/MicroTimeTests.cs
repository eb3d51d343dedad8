using Octopoid.Kubernetes.Transport;

namespace Octopoid.Kubernetes.Tests.Transport;

public sealed class MicroTimeTests
{
    [Theory]
    [InlineData("2026-07-14T09:30:00+00:00", "2026-07-14T09:30:00.000000Z")]
    [InlineData("2026-07-14T09:30:00.5+02:00", "2026-07-14T07:30:00.500000Z")]
    [InlineData("2026-07-14T09:30:00.1234567Z", "2026-07-14T09:30:00.123456Z")]
    public void It_has_six_digits_of_the_second_always(string time, string expected) =>
        Assert.Equal(expected, MicroTime.Format(DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture)));
}
