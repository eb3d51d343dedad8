using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Json.Schema;
using Octopoid.Core.Outcomes;
using Octopoid.Testing;

namespace Octopoid.Core.Tests.Outcomes;

/// <summary>The schema that authors of agents check their results with, against what the operator reads of them.</summary>
public sealed partial class AgentResultSchemaTests
{
    private static readonly string Text = File.ReadAllText(RepositoryRoot.Combine("docs", "agent-result.schema.json"));
    private static readonly JsonSchema Schema = JsonSchema.FromText(Text);

    [Theory]
    [InlineData("""{"outcome":"done"}""", true)]
    [InlineData("""{"outcome":"failed"}""", true)]
    [InlineData("""{"outcome":"needs_continuation"}""", true)]
    [InlineData("""{"outcome":"approved"}""", true)]
    [InlineData("""{"outcome":"rejected"}""", true)]
    [InlineData("{}", false)]
    [InlineData("null", false)]
    [InlineData("""["done"]""", false)]
    [InlineData("\"done\"", false)]
    [InlineData("""{"outcome":null}""", false)]
    [InlineData("""{"outcome":1}""", false)]
    [InlineData("""{"outcome":"Done"}""", false)]
    [InlineData("""{"outcome":"done "}""", false)]
    [InlineData("""{"outcome":"cancelled"}""", false)]
    [InlineData("""{"Outcome":"done"}""", false)]
    [InlineData("""{"outcome":"done","new":{"outcome":1},"Commits":"x"}""", true)]
    [InlineData("""{"outcome":"done","attempt":null,"reason":null,"tokens":null,"pullRequest":null,"costUSD":null}""", true)]
    [InlineData("""{"outcome":"done","attempt":0}""", true)]
    [InlineData("""{"outcome":"done","attempt":2147483647}""", true)]
    [InlineData("""{"outcome":"done","attempt":2147483648}""", false)]
    [InlineData("""{"outcome":"done","attempt":-1}""", false)]
    [InlineData("""{"outcome":"done","attempt":"1"}""", false)]
    [InlineData("""{"outcome":"failed","reason":"","comment":"","branch":"","headSHA":""}""", true)]
    [InlineData("""{"outcome":"failed","reason":"any words \u0000 at all"}""", true)]
    [InlineData("""{"outcome":"failed","reason":1}""", false)]
    [InlineData("""{"outcome":"failed","reason":["a"]}""", false)]
    [InlineData("""{"outcome":"failed","comment":{}}""", false)]
    [InlineData("""{"outcome":"done","branch":true}""", false)]
    [InlineData("""{"outcome":"done","headSHA":7}""", false)]
    [InlineData("""{"outcome":"done","commits":2147483647}""", true)]
    [InlineData("""{"outcome":"done","commits":2147483648}""", false)]
    [InlineData("""{"outcome":"done","commits":-1}""", false)]
    [InlineData("""{"outcome":"done","commits":1.5}""", false)]
    [InlineData("""{"outcome":"done","commits":false}""", false)]
    [InlineData("""{"outcome":"done","pullRequest":{}}""", true)]
    [InlineData("""{"outcome":"done","pullRequest":{"number":9223372036854775807,"new":1}}""", true)]
    [InlineData("""{"outcome":"done","pullRequest":{"number":9223372036854775808}}""", false)]
    [InlineData("""{"outcome":"done","pullRequest":{"number":-1}}""", false)]
    [InlineData("""{"outcome":"done","pullRequest":{"url":3}}""", false)]
    [InlineData("""{"outcome":"done","pullRequest":12}""", false)]
    [InlineData("""{"outcome":"done","turns":2147483648}""", false)]
    [InlineData("""{"outcome":"done","turns":-1}""", false)]
    [InlineData("""{"outcome":"done","tokens":{"input":9223372036854775807,"output":0}}""", true)]
    [InlineData("""{"outcome":"done","tokens":{"input":-1}}""", false)]
    [InlineData("""{"outcome":"done","tokens":{"output":9223372036854775808}}""", false)]
    [InlineData("""{"outcome":"done","tokens":[1,2]}""", false)]
    [InlineData("""{"outcome":"done","costUSD":"12"}""", true)]
    [InlineData("""{"outcome":"done","costUSD":""}""", true)]
    [InlineData("""{"outcome":"done","costUSD":"12345678901234567890123456789.01"}""", true)]
    [InlineData("""{"outcome":"done","costUSD":"12345678901234567890123456789.012"}""", false)]
    [InlineData("""{"outcome":"done","costUSD":".5"}""", false)]
    [InlineData("""{"outcome":"done","costUSD":"5."}""", false)]
    [InlineData("""{"outcome":"done","costUSD":"1.2.3"}""", false)]
    [InlineData("""{"outcome":"done","costUSD":"1e9"}""", false)]
    [InlineData("""{"outcome":"done","costUSD":"-1"}""", false)]
    [InlineData("""{"outcome":"done","costUSD":"٣"}""", false)]
    [InlineData("""{"outcome":"done","costUSD":0.12}""", false)]
    public void What_the_schema_takes_is_read_whole_and_nothing_else_is(string message, bool taken)
    {
        Assert.Equal(taken, IsTaken(message));
        Assert.Equal(taken, IsReadWhole(message));
    }

    [Fact]
    public void Each_member_of_the_schema_is_read_and_the_operator_reads_no_other()
    {
        var whole = Example(JsonNode.Parse(Text)!);

        var result = AgentResult.Parse(whole.ToJsonString());

        Assert.True(JsonNode.DeepEquals(whole, Written(result!)), whole.ToJsonString());
        Assert.All(typeof(AgentResult).GetProperties(), property => Assert.NotNull(property.GetValue(result)));
    }

    // JSON Schema cannot tell 2 from 2.0, so the words of the schema have to.
    [Fact]
    public void A_whole_number_that_is_written_with_a_fraction_is_the_only_difference()
    {
        Assert.True(IsTaken("""{"outcome":"done","commits":2.0}"""));
        Assert.Null(AgentResult.Parse("""{"outcome":"done","commits":2.0}""")!.Commits);
        Assert.Contains("without fraction or exponent", Text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_manuals_example_is_one()
    {
        var example = JsonBlock().Match(File.ReadAllText(RepositoryRoot.Combine("docs", "agents.md"))).Groups[1].Value;

        Assert.True(IsTaken(example), example);
    }

    private static bool IsTaken(string message)
    {
        using var document = JsonDocument.Parse(message);
        return Schema.Evaluate(document.RootElement).IsValid;
    }

    private static bool IsReadWhole(string message) =>
        AgentResult.Parse(message) is { } result && JsonNode.DeepEquals(Known(JsonNode.Parse(message)!.AsObject(), JsonNode.Parse(Text)!), Written(result));

    /// <summary>What of a message the schema knows, without what says nothing.</summary>
    private static JsonObject Known(JsonObject message, JsonNode schema)
    {
        var known = new JsonObject();
        foreach (var (name, member) in schema["properties"]!.AsObject())
        {
            var value = message[name];
            if (value is JsonObject child && member!["properties"] is not null)
            {
                value = Known(child, member) is { Count: > 0 } some ? some : null;
            }

            if (value is not null && !JsonNode.DeepEquals(value, ""))
            {
                known[name] = value.DeepClone();
            }
        }

        return known;
    }

    /// <summary>A message with every member that the schema has, out of its examples.</summary>
    private static JsonObject Example(JsonNode schema)
    {
        var example = new JsonObject();
        foreach (var (name, member) in schema["properties"]!.AsObject())
        {
            example[name] = member!["properties"] is null ? member["examples"]![0]!.DeepClone() : Example(member);
        }

        return example;
    }

    private static JsonObject Written(AgentResult result) => Without(
        ("outcome", JsonNamingPolicy.SnakeCaseLower.ConvertName(result.Outcome.ToString())),
        ("attempt", result.Attempt),
        ("reason", result.Reason),
        ("comment", result.Comment),
        ("branch", result.Branch),
        ("headSHA", result.HeadSHA),
        ("commits", result.Commits),
        ("pullRequest", Without(("number", result.PullRequestNumber), ("url", result.PullRequestUrl))),
        ("turns", result.Turns),
        ("tokens", Without(("input", result.Tokens?.Input), ("output", result.Tokens?.Output))),
        ("costUSD", result.CostUSD));

    private static JsonObject Without(params (string Name, JsonNode? Value)[] members) =>
        new(members.Where(member => member.Value is not (null or JsonObject { Count: 0 })).Select(member => KeyValuePair.Create(member.Name, member.Value)));

    [GeneratedRegex("```json\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex JsonBlock();
}
