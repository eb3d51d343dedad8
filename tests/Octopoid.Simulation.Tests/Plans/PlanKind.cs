namespace Octopoid.Simulation.Tests.Plans;

/// <summary>What a plan's entry does.</summary>
internal enum PlanKind
{
    CreateTask,
    DeleteTask,
    SetPriority,
    Suspend,
    Unsuspend,
    EditPrompt,
    LabelTask,
    LabelJob,
    SetMaxInstances,
    SetMaxConcurrent,
    PauseOrchestrator,
    UnpauseOrchestrator,
    PauseBlueprint,
    UnpauseBlueprint,
    DeleteBlueprint,
    CreateBlueprint,
    DeleteJob,
    DeletePod,
    CreateForeignJob,
    PauseProcess,
    KillProcess,
    TerminateProcess,
    StepClock,
    SlowWatch,
    CutWatch,
    RelistWatch,
    Faults,
    Outage,
}
