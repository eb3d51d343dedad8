using CsCheck;
using Octopoid.Kubernetes.Watching;

namespace Octopoid.Kubernetes.Tests.Watching;

public sealed class ObjectStoreTests
{
    private readonly ObjectStore<Thing> _store = new(Thing.Identify);

    [Fact]
    public void An_older_state_never_replaces_a_newer()
    {
        _store.Put(Thing.Of("a", "1", 10));

        Assert.Empty(_store.Put(Thing.Of("a", "1", 9)));
        Assert.Equal("10", _store.Find(new ObjectKey("n", "a"))!.Metadata!.ResourceVersion);
    }

    [Fact]
    public void A_new_object_of_an_old_name_is_a_deletion_and_an_addition()
    {
        var old = Thing.Of("a", "1", 10);
        var made = Thing.Of("a", "2", 11);
        _store.Put(old);

        Assert.Equal([new ObjectChange<Thing>(old, null), new ObjectChange<Thing>(null, made)], _store.Put(made));
    }

    [Fact]
    public void The_late_deletion_of_an_old_object_leaves_the_new_one_of_its_name()
    {
        _store.Put(Thing.Of("a", "2", 11));

        Assert.Empty(_store.Remove(Thing.Of("a", "1", 10)));
        Assert.Single(_store.Objects);
    }

    [Fact]
    public void A_list_brings_the_deletions_that_nobody_saw()
    {
        _store.Put(Thing.Of("a", "1", 1));
        _store.Put(Thing.Of("b", "2", 2));

        var changes = _store.Replace([Thing.Of("b", "2", 2), Thing.Of("c", "3", 3)], "3", _store.Newest);
        Assert.Equal([("a", null), (null, "c")], changes.Select(change => (change.Previous?.Metadata!.Name, change.Current?.Metadata!.Name)));
    }

    [Fact]
    public void A_list_is_believed_even_where_versions_went_back()
    {
        _store.Replace([Thing.Of("a", "1", 100)], "100", _store.Newest);

        Assert.Single(_store.Replace([Thing.Of("a", "1", 50)], "60", _store.Newest));
    }

    [Fact]
    public void The_answer_of_a_write_does_not_bring_back_what_is_gone()
    {
        var thing = Thing.Of("a", "1", 1);
        _store.Put(thing);
        _store.Advance("3");
        _store.Remove(thing);

        Assert.Empty(_store.Observe(Thing.Of("a", "1", 2)));
        Assert.Empty(_store.Objects);
    }

    [Fact]
    public void What_a_write_has_made_is_there_before_the_watch_brings_it()
    {
        _store.Replace([], "5", _store.Newest);

        Assert.Single(_store.Observe(Thing.Of("a", "1", 7)));
        Assert.Empty(_store.Put(Thing.Of("a", "1", 7)));
    }

    [Fact]
    public void A_list_from_before_a_write_does_not_undo_it()
    {
        _store.Replace([Thing.Of("a", "1", 1)], "5", _store.Newest);
        var asked = _store.Newest;
        _store.Observe(Thing.Of("a", "1", 9));
        _store.Observe(Thing.Of("b", "2", 10));

        Assert.Empty(_store.Replace([Thing.Of("a", "1", 1)], "8", asked));
        Assert.Equal(2, _store.Replace([], "11", _store.Newest).Count);
    }

    [Fact]
    public void A_list_that_was_asked_for_after_a_write_and_is_older_than_it_is_of_a_server_that_has_lost_it()
    {
        _store.Replace([Thing.Of("a", "1", 1)], "5", _store.Newest);
        _store.Observe(Thing.Of("a", "1", 9));
        _store.Observe(Thing.Of("b", "2", 10));

        _store.Replace([Thing.Of("a", "1", 1)], "8", _store.Newest);
        Assert.Equal(["1"], _store.Objects.Select(thing => thing.Metadata!.ResourceVersion));

        // From then on the versions of before mean nothing.
        _store.Observe(Thing.Of("b", "2", 9));
        Assert.Empty(_store.Replace([Thing.Of("a", "1", 1), Thing.Of("b", "2", 9)], "9", _store.Newest));
    }

    [Fact]
    public void The_watch_is_not_heard_twice_after_the_answer_of_a_write()
    {
        _store.Put(Thing.Of("a", "1", 1));

        Assert.Single(_store.Observe(Thing.Of("a", "1", 2)));
        Assert.Empty(_store.Put(Thing.Of("a", "1", 2)));
    }

    [Fact]
    public void The_changes_replayed_from_empty_make_the_same_store() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 4], Gen.Int[0, 2]).Array[0, 60].Sample(steps =>
        {
            var store = new ObjectStore<Thing>(Thing.Identify);
            var replayed = new Dictionary<string, Thing>();
            var version = 0;
            foreach (var (kind, name, uid) in steps)
            {
                var thing = Thing.Of($"t{name}", $"{name}-{uid}", ++version);
                foreach (var change in kind switch
                {
                    0 => store.Remove(thing),
                    1 => store.Replace([.. store.Objects.Where((_, i) => i % 2 == 0), Thing.Of("new", $"new-{uid}", version)], $"{version}", store.Newest),
                    2 => store.Observe(thing),
                    _ => store.Put(thing),
                })
                {
                    if (change.Previous is { } previous)
                    {
                        Assert.True(replayed.Remove(previous.Metadata!.Name!, out var known) && known == previous);
                    }

                    if (change.Current is { } current)
                    {
                        replayed.Add(current.Metadata!.Name!, current);
                    }
                }
            }

            Assert.Equal(store.Objects.OrderBy(t => t.Metadata!.Name), replayed.Values.OrderBy(t => t.Metadata!.Name));
        });
}
