namespace Octopoid.Core.Kinds;

/// <summary>The states that every flow has. All others are the flow's own words.</summary>
public static class FlowStates
{
    /// <summary>Where every task begins.</summary>
    public const string Incoming = "incoming";

    /// <summary>Finished well. Nobody leaves it.</summary>
    public const string Done = "done";

    /// <summary>Given up; left by a decision to retry only.</summary>
    public const string Failed = "failed";

    /// <summary>Cancelled by a person; left by a decision to retry only.</summary>
    public const string Cancelled = "cancelled";
}
