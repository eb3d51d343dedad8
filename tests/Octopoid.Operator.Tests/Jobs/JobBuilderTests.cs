using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Octopoid.Core.Admission;
using Octopoid.Core.Kinds;
using Octopoid.Core.State;
using Octopoid.Operator.Jobs;
using Octopoid.Testing;

namespace Octopoid.Operator.Tests.Jobs;

/// <summary>Each folder of Cases is a blueprint, a task and perhaps a repository, and the Job that they make. Run with
/// <c>UPDATE_CASES=1</c> to write the Jobs anew, and read the difference.</summary>
public sealed class JobBuilderTests
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static TheoryData<string> Cases() =>
        [.. Directory.GetDirectories(Folder()).Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal)];

    [Theory, MemberData(nameof(Cases))]
    public void The_Job_is_as_kept(string name)
    {
        var folder = Path.Combine(Folder(), name);
        var job = Build(Read(folder, "task", KindsJson.Default.AgentTask)!, Read(folder, "blueprint", KindsJson.Default.AgentBlueprint)!,
            Read(folder, "repository", KindsJson.Default.AgentRepository));

        var kept = Path.Combine(folder, "job.json");
        if (Environment.GetEnvironmentVariable("UPDATE_CASES") == "1")
        {
            File.WriteAllText(kept, job.ToJsonString(Readable) + "\n");
        }

        Assert.Equal(File.ReadAllText(kept), job.ToJsonString(Readable) + "\n");
    }

    [Theory, MemberData(nameof(RulesOfRestricted))]
    public void A_default_blueprints_pod_keeps_every_rule_of_the_restricted_profile(string rule)
    {
        var repository = new AgentRepository { Metadata = new ObjectMeta { Name = "app", Uid = "uid-app" }, Spec = new AgentRepositorySpec { Url = "https://git.example/app.git" } };
        foreach (var pod in (JsonNode[])[Build(Task(), Blueprint(), null), Build(Task(), Blueprint(), repository)])
        {
            Assert.Empty(RestrictedProfile.Rules[rule](pod["spec"]!["template"]!["spec"]!));
        }
    }

    public static TheoryData<string> RulesOfRestricted() => [.. RestrictedProfile.Rules.Keys];

    [Fact]
    public void The_runner_is_on_board() =>
        Assert.Superset(
            new HashSet<string> { "workspace", "runner", "lib", "finish", "fail", "needs-continuation", "submit-pr", "approve", "reject", "record-progress" },
            RunnerFiles.All.Keys.ToHashSet());

    [Fact]
    public void A_change_of_a_script_makes_another_ConfigMap()
    {
        var (one, two) = (Scripts("echo 1"), Scripts("echo 2"));

        Assert.NotEqual(one.Name, two.Name);
        Assert.Equal(one.Name, Scripts("echo 1").Name);

        // Each blueprint has its own, which goes with it.
        Assert.NotEqual(one.Name, Scripts("echo 1", "uid-other").Name);
        var owner = JsonNode.Parse(one.Body())!["metadata"]!["ownerReferences"]![0]!;
        Assert.Equal(("AgentBlueprint", "b", "uid-b"), ((string?)owner["kind"], (string?)owner["name"], (string?)owner["uid"]));
        static ScriptsConfigMap Scripts(string run, string uid = "uid-b") => ScriptsConfigMap.For(
            new AgentBlueprint
            {
                Metadata = new ObjectMeta { Name = "b", Uid = uid },
                Spec = new AgentBlueprintSpec { Scripts = new() { Inline = new Dictionary<string, string> { ["run"] = run } } },
            },
            false)!;
    }

    [Fact]
    public void An_overlay_cannot_take_our_labels_or_our_variables_away()
    {
        var overlay = JsonDocument.Parse("""{"metadata":{"labels":{"octopoid.dev/task-uid":"x","team":"a"}},"spec":{"hostNetwork":true}}""").RootElement;
        var blueprint = Blueprint() with
        {
            Spec = Blueprint().Spec with { PodTemplate = overlay, Env = [new EnvironmentVariable { Name = "OCTOPOID_TASK", Value = "x" }] },
        };
        var template = Build(Task(), blueprint, null)["spec"]!["template"]!;

        Assert.Equal("uid-1", (string?)template["metadata"]!["labels"]!["octopoid.dev/task-uid"]);
        Assert.Equal("a", (string?)template["metadata"]!["labels"]!["team"]);
        Assert.True((bool?)template["spec"]!["hostNetwork"]);
        var variables = template["spec"]!["containers"]![0]!["env"]!.AsArray();
        Assert.Equal("t", (string?)Assert.Single(variables, variable => (string?)variable!["name"] == "OCTOPOID_TASK")!["value"]);
    }

    [Fact]
    public void A_null_in_an_overlay_removes_a_field()
    {
        var overlay = JsonDocument.Parse("""{"spec":{"securityContext":{"runAsUser":null,"fsGroup":null}}}""").RootElement;
        var security = Build(Task(), Blueprint() with { Spec = Blueprint().Spec with { PodTemplate = overlay } }, null)
            ["spec"]!["template"]!["spec"]!["securityContext"]!.AsObject();

        Assert.False(security.ContainsKey("runAsUser"));
        Assert.True(security.ContainsKey("runAsGroup"));
    }

    [Fact]
    public void What_a_user_wrote_is_not_expanded_by_Kubernetes()
    {
        var variables = Build(Task() with { Spec = new AgentTaskSpec { Prompt = "p", Title = "$(HOME) $$ $" } }, Blueprint(), null)
            ["spec"]!["template"]!["spec"]!["containers"]![0]!["env"]!.AsArray();

        Assert.Equal("$$(HOME) $$$$ $$", (string?)variables.Single(variable => (string?)variable!["name"] == "OCTOPOID_TITLE")!["value"]);
    }

    private static AgentTask Task() =>
        new() { Metadata = new ObjectMeta { Name = "t", Namespace = "work", Uid = "uid-1" }, Spec = new AgentTaskSpec { Prompt = "p" } };

    private static AgentBlueprint Blueprint() => new()
    {
        Metadata = new ObjectMeta { Name = "implementer", Namespace = "work" },
        Spec = new AgentBlueprintSpec { Image = "a", Scripts = new() { Inline = new Dictionary<string, string> { ["run"] = "exit 0" } } },
    };

    private static JsonObject Build(AgentTask task, AgentBlueprint blueprint, AgentRepository? repository)
    {
        var slot = new Slot(
            task.Metadata.Uid,
            new NamespacedName(task.Metadata.Namespace!, task.Metadata.Name),
            BlueprintRules.Key(blueprint),
            1,
            AttemptNames.Job(task.Metadata.Name, task.Metadata.Uid, 1),
            SlotPhase.Creating);

        // The real one's name changes with every line of the runner.
        var scripts = ScriptsConfigMap.For(blueprint, repository is not null) is null ? null : "octopoid-scripts-0123456789abcdef";
        return JsonNode.Parse(JobBuilder.Build(slot, task, blueprint, repository, scripts))!.AsObject();
    }

    private static T? Read<T>(string folder, string name, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> json)
        where T : class
    {
        var file = Path.Combine(folder, name + ".json");
        return File.Exists(file) ? JsonSerializer.Deserialize(File.ReadAllText(file), json) : null;
    }

    private static string Folder() => RepositoryRoot.Combine("tests", "Octopoid.Operator.Tests", "Jobs", "Cases");
}
