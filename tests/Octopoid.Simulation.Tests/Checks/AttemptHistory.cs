namespace Octopoid.Simulation.Tests.Checks;

/// <summary>What the server's own history tells of one attempt.</summary>
internal sealed class AttemptHistory(string taskUid, int attempt)
{
    public string TaskUid => taskUid;

    public int Attempt => attempt;

    public string Blueprint { get; set; } = "";

    /// <summary>True when its claim named a condition to review.</summary>
    public bool IsReview { get; set; }

    /// <summary>The Jobs made for it.</summary>
    public List<string> Jobs { get; } = [];

    /// <summary>True once its Job was deleted by somebody else than the operator.</summary>
    public bool HasLostJob { get; set; }

    /// <summary>True once the operator has deleted its Job.</summary>
    public bool IsStopped { get; set; }

    /// <summary>True once a person, or the end of its task, has deleted its Job or a pod of it.</summary>
    public bool IsDisturbed { get; set; }

    /// <summary>What its agent has said in the end, undisturbed until then; null when it has said nothing.</summary>
    public string? Word { get; set; }

    /// <summary>True once its agent was seen to run.</summary>
    public bool HasStarted { get; set; }

    /// <summary>What is to be recorded of it: what its agent has said, as far as that makes sense; null when anything may be.</summary>
    /// <param name="isReview">True when it was a review.</param>
    public string? Due(bool isReview) => IsDisturbed ? null : Word switch
    {
        "done" => isReview ? "failed" : "done",
        "approved" or "rejected" => isReview ? Word : "failed",
        _ => Word,
    };

    public override string ToString() => $"attempt {attempt} of {taskUid}";
}
