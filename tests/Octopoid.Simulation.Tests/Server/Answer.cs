namespace Octopoid.Simulation.Tests.Server;

/// <summary>What the server says to a request.</summary>
/// <param name="Code">The HTTP status.</param>
/// <param name="Reason">The machine-readable reason of a failure.</param>
/// <param name="Body">The object or list; empty for a failure.</param>
internal sealed record Answer(int Code, string Reason, byte[] Body)
{
    public static Answer Ok(byte[] body) => new(200, "", body);

    public static Answer Fail(int code, string reason) => new(code, reason, []);
}
