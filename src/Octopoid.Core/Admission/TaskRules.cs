using System.Text;
using Octopoid.Core.Kinds;

namespace Octopoid.Core.Admission;

/// <summary>What a task must keep to that its schema cannot say: limits in bytes.</summary>
public static class TaskRules
{
    /// <summary>128 KiB; a pod's annotations, which carry it, end at 256.</summary>
    private const int PromptBytes = 128 * 1024;

    private const int ParametersBytes = 16 * 1024;

    /// <summary>The rule that a task breaks, one sentence; null when it breaks none.</summary>
    /// <param name="task">The task.</param>
    public static string? Violation(AgentTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        var prompt = Encoding.UTF8.GetByteCount(task.Spec.Prompt);
        var parameters = (task.Spec.Parameters ?? new Dictionary<string, string>())
            .Sum(parameter => Encoding.UTF8.GetByteCount(parameter.Key) + Encoding.UTF8.GetByteCount(parameter.Value));
        return prompt > PromptBytes ? $"spec.prompt has {prompt} bytes; {PromptBytes} are allowed."
            : parameters > ParametersBytes ? $"spec.parameters have {parameters} bytes; {ParametersBytes} are allowed."
            : null;
    }
}
