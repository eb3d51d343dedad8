using Octopoid.Core.Kinds;
using Octopoid.Core.Outcomes;

namespace Octopoid.Core.Tests.Outcomes;

public sealed class AgentResultTests
{
    [Fact]
    public void A_whole_result_is_read()
    {
        var result = AgentResult.Parse(
            """
            {"attempt":2,"outcome":"rejected","reason":"Tests","comment":"Two fail.","branch":"agent/t","headSHA":"abc","commits":2,
             "new":{},"pullRequest":{"number":12,"url":"https://example.com/12"},
             "turns":3,"tokens":{"input":5000000000,"output":6},"costUSD":"0.12"}
            """);

        Assert.Equal(
            new AgentResult
            {
                Outcome = AttemptOutcome.Rejected,
                Attempt = 2,
                Reason = "Tests",
                Comment = "Two fail.",
                Branch = "agent/t",
                HeadSHA = "abc",
                Commits = 2,
                PullRequestNumber = 12,
                PullRequestUrl = "https://example.com/12",
                Turns = 3,
                Tokens = new() { Input = 5_000_000_000, Output = 6 },
                CostUSD = "0.12",
            },
            result);
    }

    [Theory]
    [InlineData("""{"outcome":"done"}""")]
    [InlineData("""{"outcome":"done","attempt":"two","commits":-1,"turns":1e30,"tokens":7,"pullRequest":null,"reason":{},"comment":""}""")]
    [InlineData("""{"outcome":"done","comment":"\ud800"}""")]
    [InlineData("""{"outcome":"done","costUSD":"1e9"}""")]
    [InlineData("""{"outcome":"done","costUSD":"-1"}""")]
    [InlineData("""{"outcome":"done","costUSD":"."}""")]
    [InlineData("""{"outcome":"done","costUSD":0.12}""")]
    public void All_but_the_outcome_may_be_missing_or_wrong(string message)
    {
        Assert.Equal(new AgentResult { Outcome = AttemptOutcome.Done }, AgentResult.Parse(message));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("panic: something")]
    [InlineData("""{"outcome":"done" """)]
    [InlineData("""{"outcome":"cancelled"}""")]
    [InlineData("""{"outcome":"Done"}""")]
    [InlineData("""{"outcome":1}""")]
    [InlineData("""["done"]""")]
    [InlineData("{}")]
    public void Anything_else_is_no_result(string? message)
    {
        Assert.Null(AgentResult.Parse(message));
    }
}
