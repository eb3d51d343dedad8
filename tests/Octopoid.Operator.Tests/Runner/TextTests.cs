using System.Text;

namespace Octopoid.Operator.Tests.Runner;

/// <summary>Texts with everything that has a meaning to a shell, to sed, to JSON or to a terminal.</summary>
public sealed class TextTests
{
    private const string Torture = "it's \"quoted\" \\ \\n $(touch hacked) `touch hacked` ${HOME} %s %d & ; | < > * ? # ! ~\n\tsecond line\r\n" +
        "\u0001\u0007\b\u001b[31m\u007f ä ß € 漢字 😀 \u2028 end";

    public static TheoryData<string> AllShells() => Shells.All();

    [Theory, MemberData(nameof(AllShells))]
    public async Task A_comment_arrives_as_it_was_given(string shell)
    {
        using var pod = new AgentPod(shell);
        pod.Environment["OCTOPOID_TITLE"] = Torture;

        using var run = await pod.AttemptAsync("reject \"$OCTOPOID_TITLE\"");

        Assert.Equal(Torture, run.Comment);
        Assert.False(File.Exists(pod.At("work/hacked")));
    }

    [Theory, MemberData(nameof(AllShells))]
    public async Task A_reason_becomes_one_line_and_a_note_stays_as_it_is(string shell)
    {
        using var pod = new AgentPod(shell);
        pod.Environment["OCTOPOID_TITLE"] = Torture[..100];

        using var run = await pod.AttemptAsync("fail \"$OCTOPOID_TITLE\" ''; record-progress \"$OCTOPOID_TITLE\"");

        Assert.Equal(Torture[..100].Replace('\n', ' ').Replace('\t', ' ').Replace('\r', ' '), run.Reason);
        Assert.Equal(Torture[..100], run.Comment);
    }

    [Theory]
    [InlineData("agent/it's-$(touch-hacked)-1a2b3c4d")]
    [InlineData("agent/\"quoted\"`id`;|&-漢字😀")]
    [InlineData("agent/a,b%d{c}#!@")]
    [InlineData("ägent/-dash")]
    public async Task Any_branch_name_that_git_takes_will_do(string branch)
    {
        using var pod = new AgentPod(Shells.System);
        pod.Environment["OCTOPOID_BRANCH"] = branch;

        using var run = await pod.AttemptAsync("echo x >f; git add f; git commit -qm \"$OCTOPOID_BRANCH\"");
        using var again = await pod.AttemptAsync("finish");

        Assert.Equal(("done", branch, pod.RemoteHead()), (run.Outcome, run.Message.GetProperty("branch").GetString(), run.HeadSha));
        Assert.Equal(("done", pod.RemoteHead()), (again.Outcome, again.HeadSha));
    }

    [Theory, MemberData(nameof(AllShells))]
    public async Task A_long_comment_is_cut_between_characters_to_fit(string shell)
    {
        using var pod = new AgentPod(shell, repository: false);
        await pod.PrepareAsync("reject \"$(cat comment; echo .)\"");
        foreach (var piece in new[] { "x", "ä", "漢", "😀", "\n", "\u0001", "\"", "xä漢😀\n\\" })
        {
            var comment = string.Concat(Enumerable.Repeat(piece, 10_240 / Encoding.UTF8.GetByteCount(piece)));
            File.WriteAllText(pod.At("work/comment"), comment);

            using var run = await pod.RunAsync();

            Assert.InRange(run.MessageBytes.Length, 3980, 4000);
            Assert.EndsWith("…", run.Comment);
            Assert.StartsWith(run.Comment[..^1], comment);
        }
    }

    [Theory, MemberData(nameof(AllShells))]
    public async Task With_every_other_text_at_its_longest_the_message_still_fits(string shell)
    {
        using var pod = new AgentPod(shell);
        pod.Environment["OCTOPOID_BRANCH"] = $"agent/{new string('"', 150)}";
        pod.Environment["LONG"] = new string('"', 680);

        using var run = await pod.AttemptAsync("submit-pr 999999999 \"https://a.example/$LONG\"; echo >f; git add f; git commit -qm x; fail \"$LONG\" \"$LONG$LONG$LONG\"");

        Assert.Equal("failed", run.Outcome);
        Assert.InRange(run.MessageBytes.Length, 3980, 4000);
    }

    [Theory, MemberData(nameof(AllShells))]
    public async Task Bytes_that_are_no_text_are_made_harmless(string shell)
    {
        using var pod = new AgentPod(shell, repository: false);
        await pod.PrepareAsync("printf 'outcome: rejected\\nreason: \\n\\n' >result; cat bytes >>result; mv result \"$OCTOPOID_RESULT_FILE\"");
        File.WriteAllBytes(pod.At("work/bytes"), [(byte)'a', 0, 0xFF, 0xC3, (byte)'b', 0xED, 0xA0, 0x80, 0xC0, 0xAF, 0xF4, 0x90, 0x80, 0x80, 0xC3, 0xA4, 0xE6, 0xBC]);

        using var run = await pod.RunAsync();

        Assert.Equal($"a{new string('\uFFFD', 3)}b{new string('\uFFFD', 9)}ä{new string('\uFFFD', 2)}", run.Comment);
    }
}
