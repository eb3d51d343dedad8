using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Octopoid.Operator.Tests.Running;

public sealed partial class StoppedLeaderTests(SharedControlPlane fixture) : PoolTest(fixture), IClassFixture<SharedControlPlane>
{
    [Fact]
    public async Task A_reader_that_never_ends_does_not_keep_the_lead_from_being_given_up()
    {
        StartOperator();
        await UntilAsync(async () => (await HolderAsync()) == "operator" && Port().IsMatch(OperatorLog()), "it leads, and says where it serves");
        using var reader = new TcpClient("127.0.0.1", int.Parse(Port().Match(OperatorLog()).Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture));

        // More answers than any buffer holds, of which none is read: from some moment on the server cannot go on with them.
        var request = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n", 1000)));
        var flood = System.Threading.Tasks.Task.Run(
            async () =>
            {
                while (true)
                {
                    await reader.GetStream().WriteAsync(request, CancellationToken);
                }
            },
            CancellationToken);
        await UntilAsync(() => System.Threading.Tasks.Task.FromResult(reader.Available > 100_000), "answers pile up");

        // Signalled, not awaited: the web server may take its time.
        await SignalOperatorAsync("TERM");
        await UntilAsync(() => System.Threading.Tasks.Task.FromResult(OperatorLog().Contains("has released", StringComparison.Ordinal)), "the lead is given up", 3);
        reader.Close();
        await Assert.ThrowsAnyAsync<Exception>(() => flood);
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:(\d+)")]
    private static partial Regex Port();
}
