using Octopoid.Kubernetes.Watching;

namespace Octopoid.Kubernetes.Tests.Watching;

public sealed class ObjectTableTests
{
    private readonly ObjectTable<Thing> _table = new(Thing.Identify);

    [Fact]
    public async Task Whoever_reads_while_an_object_is_replaced_finds_it_before_or_after()
    {
        var key = new ObjectKey("n", "a");
        _table[key] = Thing.Of("a", "1", 0);
        var writer = Task.Run(
            () =>
            {
                for (var version = 1; version <= 20_000; version++)
                {
                    _table[key] = Thing.Of("a", "1", version);
                }
            },
            TestContext.Current.CancellationToken);
        while (!writer.IsCompleted)
        {
            Assert.NotNull(_table.GetValueOrDefault(key));
            Assert.Single(_table);
        }

        await writer;
        Assert.Equal("20000", _table.GetValueOrDefault(key)!.Metadata!.ResourceVersion);
    }

    [Fact]
    public void A_name_is_another_object_in_another_namespace()
    {
        _table[new ObjectKey("n", "a")] = Thing.Of("a", "1", 1);

        Assert.False(_table.TryGetValue(new ObjectKey("m", "a"), out _));
        Assert.False(_table.Remove(new ObjectKey("n", "b")));
        Assert.True(_table.Remove(new ObjectKey("n", "a")));
        Assert.Empty(_table);
    }
}
