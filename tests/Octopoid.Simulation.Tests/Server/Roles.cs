namespace Octopoid.Simulation.Tests.Server;

/// <summary>Whom blueprints serve.</summary>
internal static class Roles
{
    public const string Implementer = "implementer";
    public const string Reviewer = "reviewer";
    public const string Tester = "tester";
}
