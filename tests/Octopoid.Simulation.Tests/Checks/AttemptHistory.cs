namespace Octopoid.Simulation.Tests.Checks;

/// <summary>What the server's own history tells of one attempt.</summary>
internal sealed class AttemptHistory(string taskUid, int attempt)
{
    public string TaskUid => taskUid;

    public int Attempt => attempt;

    public string Blueprint { get; set; } = "";

    /// <summary>The Jobs made for it.</summary>
    public List<string> Jobs { get; } = [];

    /// <summary>True once its Job was deleted by somebody else than the operator.</summary>
    public bool HasLostJob { get; set; }

    /// <summary>True once the operator has deleted its Job.</summary>
    public bool IsStopped { get; set; }

    /// <summary>True once a person, or the end of its task, has deleted its Job or a pod of it.</summary>
    public bool IsDisturbed { get; set; }

    /// <summary>True once a pod of it has ended with the result <c>done</c>, undisturbed until then.</summary>
    public bool IsDone { get; set; }

    public override string ToString() => $"attempt {attempt} of {taskUid}";
}
