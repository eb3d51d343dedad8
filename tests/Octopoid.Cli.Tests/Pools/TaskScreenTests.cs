using Octopoid.Cli.Output;
using Octopoid.Cli.Pools;

namespace Octopoid.Cli.Tests.Pools;

/// <summary>One task, and why it stands where it stands.</summary>
public sealed class TaskScreenTests
{
    [Fact]
    public void A_task_that_waits_for_a_slot_and_a_gate() => Picture.IsKept(Shown("add-search"));

    [Fact]
    public void A_task_that_runs() => Picture.IsKept(Shown("fix-logout"));

    [Fact]
    public void A_task_that_is_blocked() => Picture.IsKept(Shown("deploy"));

    [Fact]
    public void A_task_that_waits_for_a_person() => Picture.IsKept(Shown("rename"));

    [Fact]
    public void A_task_that_is_tried_again_later() => Picture.IsKept(Shown("typo"));

    [Fact]
    public void A_task_that_has_failed() => Picture.IsKept(Shown("migrate-db"));

    [Fact]
    public void A_task_with_the_log_command_of_each_attempt() => Picture.IsKept(Shown("migrate-db", isWide: true));

    [Fact]
    public void A_task_that_has_failed_on_a_narrow_terminal() => Picture.IsKept(Shown("migrate-db", 80));

    [Fact]
    public void A_task_as_yaml()
    {
        var text = new StringWriter();
        Documents.Write(text, OutputFormat.Yaml, TaskView.Of(Given.TaskOf("rename"), Given.Pool, Given.Now), CliJson.Default.TaskView);
        Picture.IsKept(text.ToString());
    }

    [Fact]
    public void A_role_that_nobody_serves_is_said_to_be()
    {
        var pool = Given.Pool with { Blueprints = [] };

        Assert.Contains("No AgentBlueprint serves the role implementer.", TaskView.Of(Given.TaskOf("add-search"), pool, Given.Now).Now);
    }

    [Fact]
    public void A_pool_that_has_not_been_looked_at_since_is_not_quoted()
    {
        var idle = Given.Pool.Blueprints.Single(blueprint => blueprint.Metadata.Name == "gatekeeper").Status;
        var pool = Given.Pool with { Blueprints = [.. Given.Pool.Blueprints.Select(blueprint => blueprint with { Status = idle })] };

        Assert.Contains("Place 1 of 2 for implementer.", TaskView.Of(Given.TaskOf("add-sort"), pool, Given.Now).Now);
    }

    [Fact]
    public void A_blocker_that_does_not_exist_is_said_not_to()
    {
        var task = Given.TaskOf("add-sort") with { Spec = Given.TaskOf("add-sort").Spec with { BlockedBy = ["nothing"] } };

        Assert.Contains("It is blocked by nothing, which does not exist.", TaskView.Of(task, Given.Pool, Given.Now).Now);
    }

    private static string Shown(string name, int? width = 160, bool isWide = false)
    {
        var text = new StringWriter();
        TaskScreen.Show(new Screen(text, width, hasColors: false), TaskView.Of(Given.TaskOf(name), Given.Pool, Given.Now), isWide, Given.Now);
        return text.ToString();
    }
}
