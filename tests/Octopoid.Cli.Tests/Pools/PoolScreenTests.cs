using System.Text.Json;
using Octopoid.Cli.Output;
using Octopoid.Cli.Pools;

namespace Octopoid.Cli.Tests.Pools;

/// <summary>The pool on one screen.</summary>
public sealed class PoolScreenTests
{
    private static PoolView View => PoolView.Of(Given.Pool, Given.Now);

    [Fact]
    public void A_pool_on_a_wide_terminal() => Picture.IsKept(Shown(View, 160));

    [Fact]
    public void A_pool_on_a_narrow_terminal()
    {
        var shown = Shown(View, 80);

        Assert.All(shown.Split('\n'), line => Assert.InRange(line.Length, 0, 80));
        Picture.IsKept(shown);
    }

    [Fact]
    public void A_pool_that_no_terminal_shows() => Picture.IsKept(Shown(View, null));

    [Fact]
    public void A_pool_with_colors() => Picture.IsKept(Shown(View, 160, hasColors: true).Replace("\u001b", "ESC", StringComparison.Ordinal));

    [Fact]
    public void A_pool_of_all_namespaces() => Picture.IsKept(Shown(View, null, hasNamespaces: true));

    [Fact]
    public void A_pool_as_json()
    {
        var shown = Written(OutputFormat.Json);

        Assert.Equal("team", JsonDocument.Parse(shown).RootElement.GetProperty("pools")[0].GetProperty("namespace").GetString());
        Picture.IsKept(shown);
    }

    [Fact]
    public void A_pool_as_yaml() => Picture.IsKept(Written(OutputFormat.Yaml));

    [Fact]
    public void A_cluster_without_anything() =>
        Picture.IsKept(Shown(PoolView.Of(new PoolSnapshot { Lead = new OperatorLead(null, null, TimeSpan.FromSeconds(15)) }, Given.Now), 100));

    [Fact]
    public void A_long_backlog_is_cut_and_said_to_be()
    {
        var backlog = Given.Pool with { Tasks = [.. Enumerable.Range(0, 40).Select(i => Given.TaskOf("add-search") with { Metadata = Given.TaskOf("add-search").Metadata with { Name = $"t{i:00}", Uid = $"uid-{i:00}" } })] };
        var view = PoolView.Of(backlog, Given.Now);

        Assert.Contains("and 28 more: -o wide shows all.", Shown(view, 160), StringComparison.Ordinal);
        Assert.Contains("t39", Shown(view, 160, isWide: true), StringComparison.Ordinal);
        Assert.DoesNotContain("t39", Shown(view, 160), StringComparison.Ordinal);
    }

    [Fact]
    public void A_leader_that_is_silent_for_long_is_said_not_to_lead()
    {
        var view = PoolView.Of(Given.Pool with { Lead = Given.Pool.Lead! with { RenewedAt = Given.Now.AddMinutes(-4) } }, Given.Now);

        Assert.Equal("No operator leads: the last one was heard 4m ago. What is shown is as old.", Assert.Single(view.Warnings));
        Assert.DoesNotContain("leads", view.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pause_is_said_first()
    {
        var view = PoolView.Of(Given.Pool with { Orchestrator = Given.Pool.Orchestrator! with { Spec = Given.Pool.Orchestrator!.Spec with { Paused = true } } }, Given.Now);

        Assert.Equal("The orchestrator is paused, so nothing starts: kubectl octopoid resume.", Assert.Single(view.Warnings));
    }

    [Fact]
    public void Tasks_stand_in_the_order_of_their_queue()
    {
        // P0 first, whatever its name; who waits for more than a slot comes after.
        Assert.Equal(["add-sort", "add-search"], View.Waiting.Take(2).Select(work => work.Name));
        Assert.Equal(["deploy", "rename", "typo"], View.Waiting.Skip(2).Select(work => work.Name));
    }

    [Theory]
    [InlineData("45s", 45)]
    [InlineData("119s", 119)]
    [InlineData("2m", 120)]
    [InlineData("9m59s", 599)]
    [InlineData("10m", 600)]
    [InlineData("3h20m", 12000)]
    [InlineData("47h", 47 * 3600)]
    [InlineData("5d", 5 * 24 * 3600)]
    [InlineData("0s", -3)]
    public void Ages_are_kubectls(string shown, int seconds) => Assert.Equal(shown, Ages.Of(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void Nothing_of_a_task_steers_the_terminal()
    {
        var text = new StringWriter();
        TaskScreen.Show(new Screen(text, null, hasColors: false), TaskView.Of(Given.TaskOf("fix-login"), Given.Pool, Given.Now), isWide: false, Given.Now);

        Assert.DoesNotContain('\u001b', text.ToString());
        Assert.Contains("Fix the \uFFFD[31mlogin", text.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("yes")]
    [InlineData("12")]
    [InlineData("")]
    [InlineData("a: b # c")]
    [InlineData("- x")]
    [InlineData("two\nlines\n")]
    [InlineData("\ttab, 漢字 and 😀")]
    [InlineData("null")]
    [InlineData("'quoted' \"twice\"")]
    public void A_text_is_read_back_from_yaml_as_it_was(string text)
    {
        var output = new StringWriter();
        var view = View with { Summary = text };
        Documents.Write(output, OutputFormat.Yaml, view, CliJson.Default.PoolView);

        var read = new YamlDotNet.Serialization.DeserializerBuilder().Build().Deserialize<Dictionary<string, object>>(output.ToString());
        Assert.Equal(text, read["summary"]);
        Assert.Equal(text, new YamlDotNet.Serialization.DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build().Deserialize<Dictionary<string, object>>(output.ToString())["summary"]);
    }

    private static string Written(OutputFormat format)
    {
        var text = new StringWriter();
        Documents.Write(text, format, View, CliJson.Default.PoolView);
        return text.ToString();
    }

    private static string Shown(PoolView view, int? width, bool hasColors = false, bool hasNamespaces = false, bool isWide = false)
    {
        var text = new StringWriter();
        PoolScreen.Show(new Screen(text, width, hasColors), view, hasNamespaces, isWide, Given.Now);
        return text.ToString();
    }
}
