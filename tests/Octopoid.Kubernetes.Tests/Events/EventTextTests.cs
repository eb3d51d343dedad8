using System.Text;
using System.Text.RegularExpressions;
using CsCheck;
using Octopoid.Kubernetes.Events;

namespace Octopoid.Kubernetes.Tests.Events;

public sealed class EventTextTests
{
    [Theory]
    [InlineData(null, "")]
    [InlineData("abcdef", "abcdef")]
    [InlineData("abcdefg", "abc…")]
    [InlineData("ééé", "ééé")]
    [InlineData("éééé", "é…")]
    [InlineData("a🐙🐙", "a…")]
    public void A_text_is_cut_between_characters_to_the_bytes_allowed(string? text, string expected) =>
        Assert.Equal(expected, EventText.Cut(text, 6));

    [Fact]
    public void Half_a_character_is_replaced() => Assert.Equal("a\ufffdb", EventText.Cut("a\ud83db", 6));

    [Fact]
    public void Whatever_is_cut_fits_and_is_a_text() => Gen.Select(Gen.String, Gen.Int[3, 200]).Sample((text, limit) =>
    {
        var cut = EventText.Cut(text, limit);
        return new UTF8Encoding(false, true).GetByteCount(cut) <= limit;
    });

    [Theory]
    [InlineData("job-1", "job-1")]
    [InlineData("system:Admin", "system-admin")]
    [InlineData("-a.-b-..c-", "a.b.c")]
    [InlineData(null, "event")]
    [InlineData("../..", "event")]
    public void A_name_is_the_objects_as_far_as_it_may_be(string? objectName, string expected) =>
        Assert.Equal(expected, EventText.NewName(objectName)[..^17]);

    [Fact]
    public void Every_name_is_one_that_the_server_takes() => Gen.String.Sample(objectName =>
        Regex.IsMatch(EventText.NewName(objectName), @"\A(?=.{1,253}\z)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z"));

    [Fact]
    public void A_long_name_is_cut_to_253_characters() => Assert.Equal(253, EventText.NewName(new string('a', 253)).Length);

    [Fact]
    public void No_name_comes_twice() =>
        Assert.Equal(10_000, Enumerable.Range(0, 10_000).AsParallel().Select(_ => EventText.NewName("a")).Distinct().Count());
}
