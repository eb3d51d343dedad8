namespace Octopoid.Operator.Tests.Runner;

/// <summary>The shells that the scripts are tried with: the machine's own, and busybox' where it is installed.</summary>
public static class Shells
{
    public const string System = "sh";
    public const string Busybox = "busybox";

    public static string? BusyboxPath { get; } = new[] { "/bin/busybox", "/usr/bin/busybox" }.FirstOrDefault(File.Exists);

    public static TheoryData<string> All() => BusyboxPath is null ? new(System) : new(System, Busybox);
}
