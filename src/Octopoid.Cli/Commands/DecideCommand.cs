using System.CommandLine;
using System.Text.Json.Nodes;
using Octopoid.Core.Flows;
using Octopoid.Core.Kinds;

namespace Octopoid.Cli.Commands;

/// <summary><c>approve</c>, <c>reject</c>, <c>retry</c>: a person's word on a task's latest attempt.</summary>
internal static class DecideCommand
{
    public static Command Create(CommandLineEnvironment environment, string verdict, string description)
    {
        var name = NameArguments.Task(environment, task => verdict == "retry" ? CanRetry(task) : Awaited(task) is not null);
        var comment = new Argument<string?>("COMMENT") { Description = "What the next attempt is told.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command(verdict, description) { name, comment };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var session = Session.Open(parsed, environment);
            var task = await Tasks.FindAsync(session, parsed.GetValue(name)!, cancellationToken).ConfigureAwait(false);
            var (condition, said) = (Condition(task, verdict), parsed.GetValue(comment));
            var decision = new JsonObject
            {
                ["attempt"] = task.Status?.Attempt ?? 0,
                ["verdict"] = verdict,
                ["comment"] = said,
                ["condition"] = condition,
            };
            if (task.Status?.Decision is { } last && last == new TakenDecision
            {
                Attempt = task.Status.Attempt ?? 0,
                Condition = condition,
                Comment = said,
                Verdict = Enum.Parse<DecisionVerdict>(verdict, ignoreCase: true),
            })
            {
                throw new CliException($"That was said of attempt {last.Attempt} before, and a word acts once: say it with another COMMENT.");
            }

            var spec = new JsonObject { ["decision"] = decision };
            if (verdict == "retry" && task.Spec.Cancel)
            {
                spec["cancel"] = false;
            }

            // A word on what somebody else has changed meanwhile must not be spoken.
            var patched = await session.Client.PatchTaskAsync(task.Metadata.Name, spec, task.Metadata.ResourceVersion, cancellationToken).ConfigureAwait(false);
            Tasks.Report(session, patched, verdict switch { "approve" => "approved", "reject" => "rejected", _ => "begins again" });
            return ExitCodes.Success;
        });
        return command;
    }

    private static bool CanRetry(AgentTask task) => task.Status?.State is FlowStates.Failed or FlowStates.Cancelled;

    /// <summary>What a task waits for a person to decide; null where it waits for nobody's word.</summary>
    private static Condition? Awaited(AgentTask task) => task.Status?.Conditions?.FirstOrDefault(condition =>
        condition is { Type: ConditionTypes.Claimable, Status: ConditionStatus.False, Reason: Reasons.AwaitsDecision or Reasons.AwaitsMerge });

    /// <summary>The condition that the word is on: said, the same word on the next one is another.</summary>
    /// <exception cref="CliException">The task waits for no such word.</exception>
    private static string? Condition(AgentTask task, string verdict)
    {
        var (state, name) = (task.Status?.State ?? FlowStates.Incoming, task.Metadata.Name);
        if (verdict == "retry")
        {
            return CanRetry(task) ? null
                : throw new CliException($"Task {name} is {state}; only a failed or cancelled one begins again.");
        }

        if (Awaited(task) is not { } awaited)
        {
            var waits = task.Status?.Conditions?.FirstOrDefault(condition => condition is { Type: ConditionTypes.Claimable, Status: ConditionStatus.False });
            throw new CliException(
                FlowRules.IsTerminal(state) ? $"Task {name} has ended: it is {state}."
                : task.Status?.Claim is not null ? $"Task {name} waits for no decision: attempt {task.Status.Attempt} runs."
                : $"Task {name} waits for no decision: it is {state}{(waits is null ? "" : $", {waits.Reason}")}.");
        }

        // The sentence begins with the condition's name: "Condition NAME waits for ...".
        return awaited.Message?.Split(' ') is ["Condition", var condition, ..] ? condition : null;
    }
}
