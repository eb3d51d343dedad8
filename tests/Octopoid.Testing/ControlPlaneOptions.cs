namespace Octopoid.Testing;

/// <summary>What a <see cref="ControlPlane"/> does beside serving.</summary>
public sealed record ControlPlaneOptions
{
    /// <summary>True to have it log every request.</summary>
    public bool IsAudited { get; init; }

    /// <summary>True to have it wait for the disk at each write and share itself out between its users, as it does in production. Tests have it do neither:
    /// they measure the operator, not the server's throttle.</summary>
    public bool IsProduction { get; init; }
}
