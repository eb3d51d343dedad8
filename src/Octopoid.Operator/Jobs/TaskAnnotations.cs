using System.Text.Json;
using System.Text.Json.Nodes;
using Octopoid.Core.Kinds;

namespace Octopoid.Operator.Jobs;

/// <summary>The pod's annotations that carry the task's text.</summary>
internal static class TaskAnnotations
{
    /// <summary>The prompt.</summary>
    public const string Prompt = ApiGroup.Name + "/prompt";

    /// <summary>The rest of the task, as JSON.</summary>
    public const string Task = ApiGroup.Name + "/task-json";

    /// <summary>What the last attempt, or its reviewer, had to say.</summary>
    public const string Feedback = ApiGroup.Name + "/feedback";

    /// <summary>The annotations of an attempt's pod.</summary>
    public static Dictionary<string, string> Build(Attempt attempt) => new()
    {
        [Prompt] = attempt.Task.Spec.Prompt,
        [Task] = TaskJson(attempt),
        [Feedback] = attempt.Task.Status?.Feedback ?? "",
    };

    private static string TaskJson(Attempt attempt)
    {
        var spec = JsonSerializer.SerializeToNode(attempt.Task.Spec, KindsJson.Default.AgentTaskSpec)!.AsObject();
        spec.Remove("prompt");
        return new JsonObject
        {
            ["name"] = attempt.Task.Metadata.Name,
            ["namespace"] = attempt.Task.Metadata.Namespace,
            ["uid"] = attempt.Task.Metadata.Uid,
            ["attempt"] = attempt.Slot.Attempt,
            ["spec"] = spec,
        }.ToJsonString();
    }
}
