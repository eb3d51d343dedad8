using System.Text;
using System.Text.Json;
using CsCheck;
using Octopoid.Kubernetes.Transport;
using Octopoid.Kubernetes.Watching;

namespace Octopoid.Kubernetes.Tests.Watching;

public sealed class WatchStreamTests
{
    private const string Added =
        """{"type":"ADDED","object":{"spec":{"metadata":{"resourceVersion":"0"}},"metadata":{"name":"ä","namespace":"n","uid":"1","resourceVersion":"7"}}}""";

    private const string Bookmark = """{"type":"BOOKMARK","object":{"kind":"Thing","metadata":{"resourceVersion":"9"}}}""";

    private static readonly string[] Lines =
        [Added, Added.Replace("ADDED", "DELETED", StringComparison.Ordinal), Bookmark, """{"type":"ERROR","object":{"code":410}}"""];

    private static readonly string[] Edits = ["\"", "{", "}", "7", "null", ",", ":", "\\", "\\ud800", "[", "\ud800", ""];

    [Fact]
    public async Task Events_are_read_whole_however_the_bytes_are_cut()
    {
        var bytes = Encoding.UTF8.GetBytes($"{Added}\n{Bookmark}\n");
        for (var size = 1; size < bytes.Length; size += 7)
        {
            var events = await ReadAsync(new ChunkedStream(bytes, size));

            Assert.Equal([(WatchEventKind.Put, "7", "ä"), (WatchEventKind.Bookmark, "9", null)],
                events.Select(e => (e.Kind, e.ResourceVersion, e.Object?.Metadata!.Name)));
        }
    }

    [Fact]
    public async Task A_last_line_that_was_cut_is_dropped()
    {
        var events = await ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes($"{Added}\n{Added[..40]}")));

        Assert.Single(events);
    }

    [Fact]
    public async Task An_error_event_is_an_error()
    {
        const string Expired = """{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}}""";

        var error = await Assert.ThrowsAsync<ApiException>(() => ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(Expired + "\n"))));
        Assert.True(error.IsExpired);
        Assert.Equal("too old", error.Message);
    }

    [Fact]
    public async Task An_object_that_cannot_be_read_does_not_hide_the_next()
    {
        var poison = """{"type":"ADDED","object":{"metadata":{"name":7,"resourceVersion":"6"}}}""";
        var events = await ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes($"{poison}\n{Added}\n")));

        Assert.Equal([(WatchEventKind.Unreadable, "6"), (WatchEventKind.Put, "7")], events.Select(e => (e.Kind, e.ResourceVersion)));
    }

    [Fact]
    public async Task An_unknown_type_of_event_is_passed_over()
    {
        var events = await ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes("""{"type":"NEWS","object":{"x":[1,{"y":2}]}}""" + "\n")));

        Assert.Equal((WatchEventKind.Unknown, null), (events.Single().Kind, events.Single().Object));
    }

    [Fact]
    public async Task That_an_object_is_gone_is_told_though_the_rest_of_it_cannot_be_read()
    {
        const string Gone =
            """{"type":"DELETED","object":{"owner":{"no":"string"},"metadata":{"name":"a","namespace":"n","uid":"1","resourceVersion":"8"}}}""";
        var events = await ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(Gone + "\n")));

        Assert.Equal([(WatchEventKind.Deleted, "8", new ObjectIdentity("n", "a", "1", "8"))],
            events.Select(e => (e.Kind, e.ResourceVersion, e.Gone.GetValueOrDefault())));
    }

    [Theory]
    [InlineData("""{"metadata":{"name":"a","resourceVersion":7}}""")]
    [InlineData("""{"metadata":null}""")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("5")]
    public async Task An_object_without_an_identity_does_not_hide_the_next(string poison)
    {
        foreach (var type in new[] { "ADDED", "DELETED" })
        {
            var line = $$"""{"type":"{{type}}","object":{{poison}}}""";
            var events = await ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes($"{line}\n{Added}\n")));

            Assert.Equal([(WatchEventKind.Unreadable, null), (WatchEventKind.Put, "7")], events.Select(e => (e.Kind, e.ResourceVersion)));
        }
    }

    [Fact]
    public void Whatever_a_line_is_it_is_an_event_or_one_of_the_failures_that_are_expected() =>
        Gen.Select(Gen.Int[0, Lines.Length - 1], Gen.Select(Gen.Int[0, 200], Gen.Int[0, Edits.Length - 1]).Array[1, 4])
            .Sample(
                (line, edits) =>
                {
                    var text = Lines[line];
                    foreach (var (at, edit) in edits)
                    {
                        text = text.Remove(at % text.Length, 1).Insert(at % text.Length, Edits[edit]);
                    }

                    try
                    {
                        var events = ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(text + "\n"))).GetAwaiter().GetResult();
                        Assert.All(events.Where(e => e.Object is not null), e => Thing.Identify(e.Object!));
                    }
                    catch (Exception e) when (e is ApiException or JsonException)
                    {
                        // As documented.
                    }
                },
                iter: 20_000);

    private static async Task<List<WatchEvent<Thing>>> ReadAsync(Stream stream)
    {
        var events = new List<WatchEvent<Thing>>();
        await foreach (var e in WatchStream.ReadAsync(stream, Thing.Watched, TestContext.Current.CancellationToken))
        {
            events.Add(e);
        }

        return events;
    }

    /// <summary>Gives its bytes in pieces of one size.</summary>
    private sealed class ChunkedStream(byte[] bytes, int size) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(size, buffer.Length)], cancellationToken);
    }
}
