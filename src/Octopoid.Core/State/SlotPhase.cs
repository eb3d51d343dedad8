namespace Octopoid.Core.State;

/// <summary>How far the attempt that a slot stands for has come. Phases that end in -ing have a write under way, and wait for its answer.</summary>
public enum SlotPhase
{
    /// <summary>The claim is being written.</summary>
    Claiming,

    /// <summary>The claim stands; the Job is to be made.</summary>
    Claimed,

    /// <summary>The Job is being made.</summary>
    Creating,

    /// <summary>The Job stands, or has stood: its pods work, or have ended.</summary>
    Running,

    /// <summary>The Job cannot be made; the attempt ends with that.</summary>
    Refused,

    /// <summary>The result is being recorded.</summary>
    Finishing,

    /// <summary>The result is recorded, or the task is gone; the slot ends with the last of the attempt's pods.</summary>
    Finished,
}
