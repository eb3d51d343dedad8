namespace Octopoid.Operator.Tests.Runner;

/// <summary>The shells that the scripts are tried with: the machine's own, and busybox' where it is installed.</summary>
public static class Shells
{
    public const string System = "sh";
    public const string Busybox = "busybox";

    public static string? BusyboxPath { get; } = OnPath("busybox");

    public static TheoryData<string> All() => BusyboxPath is null ? new(System) : new(System, Busybox);

    /// <summary>Where a program is; null when it is not on PATH.</summary>
    public static string? OnPath(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
}
