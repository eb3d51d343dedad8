using Octopoid.Core.Kinds;

namespace Octopoid.Core.Tests.Kinds;

public sealed class CrdDriftTests
{
    public static TheoryData<string, string, Type> Kinds => new()
    {
        { AgentBlueprint.Plural, AgentBlueprint.KindName, typeof(AgentBlueprint) },
        { AgentTask.Plural, AgentTask.KindName, typeof(AgentTask) },
        { AgentFlow.Plural, AgentFlow.KindName, typeof(AgentFlow) },
        { AgentRepository.Plural, AgentRepository.KindName, typeof(AgentRepository) },
        { AgentOrchestrator.Plural, AgentOrchestrator.KindName, typeof(AgentOrchestrator) },
    };

    /// <summary>What to change in a file, and the difference that must then be found.</summary>
    public static TheoryData<string, Type, string, string, string> Mutations => new()
    {
        { "agenttasks", typeof(AgentTask), "                prompt:\n", "                promt:\n", "spec.promt: only in the schema" },
        { "agenttasks", typeof(AgentTask), "                prompt:\n", "                promt:\n", "spec.prompt: only in C#" },
        { "agenttasks", typeof(AgentTask), "required: [prompt]", "required: [prompt, title]", "spec.title: must be not nullable in C#" },
        { "agenttasks", typeof(AgentTask), "required: [prompt]", "x-none: []", "spec.prompt: must be nullable in C#" },
        { "agenttasks", typeof(AgentTask), "enum: [P0, P1, P2, P3]", "enum: [P0, P1, P2]",
            "spec.priority: the schema's members are P0, P1, P2, C#'s" },
        { "agenttasks", typeof(AgentTask), "default: P2", "default: P1", "spec.priority: the schema's default is P1, C#'s P2" },
        { "agenttasks", typeof(AgentTask), "enum: [approve, reject, retry]", "x-none: []",
            "spec.decision.verdict: the schema says string, C# enum" },
        { "agenttasks", typeof(AgentTask), "format: date-time", "format: date",
            "status.claim.claimedAt: the schema says string, C# moment" },
        { "agentblueprints", typeof(AgentBlueprint), "default: 900\n", "x-none: 900\n",
            "spec.pendingTimeoutSeconds: must be nullable in C#" },
        { "agentblueprints", typeof(AgentBlueprint), "format: int64", "format: int32",
            "status.observedGeneration: the schema says int32, C# int64" },
        { "agentorchestrators", typeof(AgentOrchestrator), "nullable: true", "nullable: false",
            "spec.maxOpenPRs: must be not nullable in C#" },
        { "agentflows", typeof(AgentFlow), "default: incoming", "default: failed",
            "spec.transitions[].conditions[].onFail: the schema's default is failed" },
        { "agentrepositories", typeof(AgentRepository), "                observedAt:\n", "                seenAt:\n",
            "status.observedAt: only in C#" },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Schema_and_type_say_the_same(string plural, string kind, Type type)
    {
        Assert.Empty(SchemaComparison.Differences(Crd.Load(plural), type));
        Assert.Equal(kind, Crd.Load(plural).Name("kind"));
    }

    [Theory]
    [MemberData(nameof(Mutations))]
    public void A_difference_is_found(string plural, Type type, string text, string changed, string difference)
    {
        var differences = SchemaComparison.Differences(Changed(plural, text, changed), type);

        Assert.Contains(differences, found => found.Contains(difference, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_field_is_described_and_bounded(string plural, string kind, Type type)
    {
        Assert.Empty(SchemaHouseRules.Violations(Crd.Load(plural)));
        Assert.Equal($"{kind}List", Crd.Load(plural).Name("listKind"));
        Assert.NotNull(KindsJson.Default.GetTypeInfo(typeof(ObjectList<>).MakeGenericType(type)));
    }

    [Theory]
    [InlineData("                  description: Why it is in that state, as one word.\n", "", ".status.reason: no description")]
    [InlineData("                  maxLength: 253\n", "", ".spec.model: no maxLength")]
    [InlineData("                  maxItems: 50\n", "", ".status.activeTasks: no maxItems")]
    [InlineData("                      maxProperties: 64\n", "", ".spec.scripts.inline: no maxProperties")]
    [InlineData("                  maximum: 604800\n", "", ".spec.timeoutSeconds: no maximum")]
    [InlineData("Default: 14400", "Default: 1440 ", ".spec.timeoutSeconds: its description does not give the default 14400")]
    public void A_field_against_the_rules_is_found(string text, string changed, string violation)
    {
        Assert.Contains(violation, SchemaHouseRules.Violations(Changed(AgentBlueprint.Plural, text, changed)));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_resource_is_named_as_the_operator_asks_for_it(string plural, string kind, Type type)
    {
        var crd = Crd.Load(plural);

        Assert.Equal($"{plural}.{ApiGroup.Name}", crd.Root["metadata"]["name"].ToString());
        Assert.Equal(ApiGroup.Name, crd.Root["spec"]["group"].ToString());
        Assert.Equal(ApiGroup.Version, crd.Version["name"].ToString());
        Assert.Equal(ApiGroup.Category, crd.Root["spec"]["names"]["categories"][0].ToString());
        Assert.Equal(plural, crd.Name("plural"));
        Assert.Equal(kind, type.Name);
    }

    private static Crd Changed(string plural, string text, string changed)
    {
        var file = Crd.Text(plural);
        var at = file.IndexOf(text, StringComparison.Ordinal);
        Assert.True(at >= 0, $"The file of {plural} no longer has: {text}");
        return Crd.Parse(string.Concat(file.AsSpan(0, at), changed, file.AsSpan(at + text.Length)));
    }
}
