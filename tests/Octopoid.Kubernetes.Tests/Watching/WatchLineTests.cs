using System.Text;
using Octopoid.Kubernetes.Watching;

namespace Octopoid.Kubernetes.Tests.Watching;

public sealed class WatchLineTests
{
    private const string Object = """{"metadata":{"name":"a","namespace":"n","uid":"1","resourceVersion":"7"}}""";

    [Theory]
    [InlineData($$$"""{"type":"ADDED","object":{{{Object}}}}""")]
    [InlineData($$$"""{ "type" : "MODIFIED" , "object" : {{{Object}}} }  """)]
    [InlineData($$$"""{"object":{{{Object}}},"type":"ADDED"}""")]
    [InlineData($$$"""{"type":"ADDED","object":{{{Object}}},"more":{"object":0} }""")]
    [InlineData($$$"""{"type":"ADDED","more":[{}],"object":{{{Object}}}}""")]
    public async Task An_event_is_read_in_whatever_form_it_is_written(string line)
    {
        foreach (var end in new[] { "\n", "\r\n", "\n\n" })
        {
            var read = (await ReadAsync(line + end))[0];

            Assert.Equal((WatchEventKind.Put, "7", "a"), (read.Kind, read.ResourceVersion, read.Object?.Metadata!.Name));
        }
    }

    [Fact]
    public async Task A_line_of_any_length_is_read_and_so_is_the_one_after_it()
    {
        string[] names = ["a", new('b', 65_536), new('c', 300_000), "d"];
        var lines = names.Select(name => $$$"""{"type":"ADDED","object":{{{Object.Replace("\"a\"", $"\"{name}\"", StringComparison.Ordinal)}}}}""");

        Assert.Equal(names, (await ReadAsync(string.Join('\n', lines) + "\n")).Select(read => read.Object!.Metadata!.Name));
    }

    private static async Task<List<WatchEvent<Thing>>> ReadAsync(string text)
    {
        var events = new List<WatchEvent<Thing>>();
        using var body = new MemoryStream(Encoding.UTF8.GetBytes(text));
        await foreach (var read in WatchStream.ReadAsync(body, Thing.Watched, TestContext.Current.CancellationToken))
        {
            events.Add(read);
        }

        return events;
    }
}
