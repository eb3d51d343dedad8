using Octopoid.Core.Admission;

namespace Octopoid.Core.Tests.Admission;

public sealed class AttemptNamesTests
{
    [Theory]
    [InlineData("fix-login")]
    [InlineData("a.b.c")]
    [InlineData("v1.2-really-long-name-of-a-task-that-goes-on-and-on-and-on-for-a-while")]
    public void A_Job_name_is_a_DNS_label(string task)
    {
        var name = AttemptNames.Job(task, "0f0e", 12);

        Assert.Matches("^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", name);
        Assert.True(name.Length <= 63);
        Assert.EndsWith("-12", name, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_of_253_characters_keeps_what_makes_it_unique()
    {
        var task = string.Concat(Enumerable.Repeat("abcdefg.", 32))[..253];

        Assert.NotEqual(AttemptNames.Job(task, "uid-1", 1), AttemptNames.Job(task, "uid-2", 1));
        Assert.True(AttemptNames.Job(task, "uid-1", 1_000_000).Length <= 63);
        Assert.True(AttemptNames.LabelValue(task).Length <= 63);
        Assert.NotEqual(AttemptNames.LabelValue(task), AttemptNames.LabelValue(task + "x"));
    }

    [Fact]
    public void A_cut_never_leaves_a_dash_before_the_hash()
    {
        var task = new string('a', 39) + ".b";

        Assert.DoesNotContain("--", AttemptNames.Job(task, "uid", 1), StringComparison.Ordinal);
    }

    [Fact]
    public void The_names_of_releases_past_stay_the_same() =>
        Assert.Equal("fix-4a49acf8-1", AttemptNames.Job("fix", "uid-1", 1));
}
