using CsCheck;
using Octopoid.Core.Kinds;
using Octopoid.Core.Outcomes;
using Octopoid.Core.Tests.Flows;

namespace Octopoid.Core.Tests.Outcomes;

/// <summary>Whatever happens to a task, in whatever order, its status is never in contradiction to itself, its flow or its schema.</summary>
public sealed class TaskLifeTests
{
    private static readonly string?[] Comments =
        [null, "", "Say why.", new string('x', 2046) + "\U0001F419", new string('y', 5000), string.Concat(Enumerable.Repeat("\U0001F419", 1500))];

    private static readonly Gen<(int What, string? Comment)> Event = Gen.Select(Gen.Int[0, 15], Gen.Int[0, Comments.Length - 1].Select(i => Comments[i]));

    [Fact]
    public void No_course_of_events_leads_to_a_contradiction() =>
        Gen.Select(RandomFlow.Valid, Event.Array[1, 60], Gen.Int[0, 4]).Sample((flow, events, rejections) =>
        {
            var life = new TaskLife(flow, new RetryPolicy(MaxRejections: rejections));
            foreach (var (what, comment) in events)
            {
                Happen(life, what, comment);
                Assert.Equal(life.IsDue(), life.Settle());

                // What is due is done at once, or the loop would write without end.
                for (var writes = 0; life.Settle(); writes++)
                {
                    Assert.True(writes < 20, $"{life.State} is never at rest");
                }
            }
        }, iter: 1_000);

    private static void Happen(TaskLife life, int what, string? comment)
    {
        // The schema lets a person write no more.
        var word = comment?[..Math.Min(comment.Length, 2048)];
        switch (what)
        {
            case 0: life.Say(DecisionVerdict.Approve, word); break;
            case 1: life.Say(DecisionVerdict.Reject, word); break;
            case 2: life.Say(DecisionVerdict.Retry, word); break;
            case 3: life.Cancel(); break;
            case 4: life.Cancel(false).Say(DecisionVerdict.Retry, word); break;
            default:
                // A cancelled task is not claimed.
                if (!life.Task.Spec.Cancel && life.TryClaim())
                {
                    life.End(End(life.Status.Claim!.Condition is not null, what, comment));
                }

                break;
        }
    }

    private static AttemptEnd End(bool isReview, int what, string? comment)
    {
        var result = new AgentResult
        {
            Outcome = AttemptOutcome.Done,
            PullRequestNumber = what % 3 == 0 ? what : null,
            PullRequestUrl = comment,
            HeadSHA = comment,
            Branch = comment,
        };
        return what switch
        {
            5 => AttemptEnd.Failure(Reasons.ExitCode, comment ?? ""),
            6 => AttemptEnd.Infrastructure(Reasons.Disrupted, comment ?? ""),
            7 => new AttemptEnd(AttemptOutcome.NeedsContinuation, null, Reasons.NeedsContinuation, comment ?? ""),
            8 => AttemptEnd.Cancelled(),
            _ when !isReview => new AttemptEnd(AttemptOutcome.Done, null, Reasons.Succeeded, comment ?? "") { Result = result },
            9 or 10 => new AttemptEnd(AttemptOutcome.Rejected, null, Reasons.Rejected, comment ?? "") { Result = result },
            _ => new AttemptEnd(AttemptOutcome.Approved, null, Reasons.Approved, comment ?? "") { Result = result },
        };
    }
}
