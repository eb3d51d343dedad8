using Octopoid.Core.Flows;
using Octopoid.Core.Kinds;

namespace Octopoid.Core.State;

/// <summary>Whether a task could start if capacity allowed, and if not, what it waits for.</summary>
public abstract record Eligibility
{
    private Eligibility()
    {
    }

    /// <summary>What a task waits for, as far as the task itself, its flow, its repository and its blockers tell.</summary>
    /// <param name="task">The task.</param>
    /// <param name="flow">Its flow.</param>
    /// <param name="pullRequest">How its pull request stands.</param>
    /// <param name="hasRepository">True when it names no repository, or one that exists.</param>
    /// <param name="blocked">Why it has to wait for other tasks; null when it has not.</param>
    /// <param name="now">The time.</param>
    internal static Eligibility Of(
        ObservedTask task, Declarations.Flow? flow, PullRequestView pullRequest, bool hasRepository, Held? blocked, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(task);
        var (state, status, attempt) = (task.State(), task.Status, task.Status?.Attempt ?? 0);
        if (task.Metadata.DeletionTimestamp is not null || status?.Claim is not null)
        {
            return new Settled();
        }

        if (FlowRules.IsTerminal(state))
        {
            return DecisionRules.Revives(task.Spec.Decision, status?.Decision, attempt, state, task.Spec.Cancel) ? new Due() : new Settled();
        }

        if (task.Spec.Cancel || pullRequest.HasNews)
        {
            return new Due();
        }

        var name = task.Spec.Flow ?? DefaultFlow.Name;
        if (flow is not { } found)
        {
            return new Held(Reasons.FlowMissing, $"There is no AgentFlow named {name}; it may yet be applied.");
        }

        if (found.Violation is { } violation)
        {
            return new Held(Reasons.FlowInvalid, $"The flow {name} is not valid: {violation}");
        }

        var step = FlowRules.Next(found.Spec, state, status?.Passed, status?.PullRequest);
        return step switch
        {
            FlowStep.Move or FlowStep.Back => new Due(),
            FlowStep.Ask { Condition: var asked } => IsAnswered(asked) ? new Due() : Awaits.Decision(asked, attempt),
            FlowStep.Merge { Condition: var asked } => IsAnswered(asked) ? new Due() : Awaits.Merge(asked, status?.PullRequest, attempt),
            FlowStep.Stray => new Held(Reasons.StateUnknown, $"The flow {name} has no transition out of {state}."),
            FlowStep.Work or FlowStep.Review => Start(task, found.Spec, step, pullRequest.IsOpen, hasRepository, blocked, now),
            _ => new Settled(),
        };

        bool IsAnswered(FlowCondition condition) => DecisionRules.Answers(task.Spec.Decision, status?.Decision, attempt, condition);
    }

    private static Eligibility Start(
        ObservedTask task, AgentFlowSpec flow, FlowStep step, bool isRepair, bool hasRepository, Held? blocked, DateTimeOffset now)
    {
        if (task.Spec.Suspend)
        {
            return new Held(Reasons.Suspended, "spec.suspend is true.");
        }

        if (!hasRepository)
        {
            return new Held(Reasons.RepositoryMissing, $"There is no AgentRepository named {task.Spec.Repository}; it may yet be applied.");
        }

        if (blocked is not null)
        {
            return blocked;
        }

        if (task.Status?.NextEligibleTime is { } time && time > now)
        {
            return new Delayed(time);
        }

        var (role, to, condition) = step switch
        {
            FlowStep.Work { Transition: var transition } => (transition.Agent!, transition.To, null),
            FlowStep.Review { Condition: var review } => (review.Agent!, task.State(), review.Name),
            _ => throw new ArgumentOutOfRangeException(nameof(step), step, "No agent takes this step."),
        };
        return new Ready(
            new QueueKey(task.Metadata.Namespace, role, task.Spec.Repository, isRepair),
            new WaitingTask(
                task.Spec.Priority ?? TaskPriority.P2,
                task.Metadata.CreationTimestamp ?? DateTimeOffset.MinValue,
                task.Metadata.Uid,
                FlowRules.StepsToDone(flow, task.State()),
                to,
                condition));
    }

    /// <summary>What is known of a task's pull request.</summary>
    /// <param name="HasNews">It stands otherwise than the task has on record.</param>
    /// <param name="IsOpen">It is open: an attempt would mend it.</param>
    internal readonly record struct PullRequestView(bool HasNews, bool IsOpen);

    /// <summary>It has started, or has ended.</summary>
    public sealed record Settled : Eligibility;

    /// <summary>Its status is to be written, with no attempt: it is to be cancelled, a person has decided, its forge
    /// has news of its pull request, or its flow takes it on.</summary>
    public sealed record Due : Eligibility;

    /// <summary>Something must change first, that no free slot brings.</summary>
    /// <param name="Reason">What, from <see cref="Reasons"/>.</param>
    /// <param name="Message">The same in a sentence.</param>
    public sealed record Held(string Reason, string Message) : Eligibility;

    /// <summary>Time must pass first.</summary>
    /// <param name="Until">Till when.</param>
    public sealed record Delayed(DateTimeOffset Until) : Eligibility;

    /// <summary>It could start.</summary>
    /// <param name="Queue">Where it waits.</param>
    /// <param name="Entry">Its place there.</param>
    public sealed record Ready(QueueKey Queue, WaitingTask Entry) : Eligibility;
}
