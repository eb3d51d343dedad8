namespace Octopoid.Testing;

/// <summary>The operator as its users run it: a process of its own, told by its environment which API server to serve.</summary>
public sealed class OperatorProcess : IAsyncDisposable
{
    private readonly WatchedProcess _process;

    private OperatorProcess(WatchedProcess process) => _process = process;

    /// <summary>Starts it.</summary>
    /// <param name="kubeconfig">The file that names the API server.</param>
    /// <param name="log">The file that its log is appended to.</param>
    /// <param name="name">Its name, as a pod's.</param>
    /// <param name="leaseSeconds">How long after its death another may lead.</param>
    /// <param name="namespaceName">Where its Lease is: operators in one namespace elect one of them.</param>
    /// <param name="environment">More for its environment, <c>NAME=value</c>; of the same name, the last holds.</param>
    public static OperatorProcess Start(
        string kubeconfig, string log, string name, int leaseSeconds, string namespaceName = ControlPlane.OperatorNamespace, params IEnumerable<string> environment) => new(WatchedProcess.Start(
        log,
        "env",
        [$"KUBECONFIG={kubeconfig}",
        $"POD_NAME={name}",
        $"POD_NAMESPACE={namespaceName}",
        $"OCTOPOID_LEASE_SECONDS={leaseSeconds}",
        "ASPNETCORE_URLS=http://127.0.0.1:0",
        // It lives for seconds: to watch which of its code is hot never pays.
        "DOTNET_TieredPGO=0",
        .. environment,
        "dotnet",
        Path.Combine(AppContext.BaseDirectory, "Octopoid.Operator.dll")]));

    /// <summary>The end of its log.</summary>
    public string LastLines(int count = 40) => _process.LastLines(count);

    /// <summary>True once it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>The process's number.</summary>
    public Task<int> IdAsync(CancellationToken cancellationToken) => _process.IdAsync(cancellationToken);

    /// <summary>Sends it a signal.</summary>
    /// <param name="signal">E.g. <c>TERM</c>, <c>KILL</c>.</param>
    public Task SignalAsync(string signal) => _process.SignalAsync(signal);

    /// <summary>Tells it to stop, and waits until it has: it gives up the lead.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await SignalAsync("TERM");
        await _process.WaitForExitAsync(cancellationToken);
    }

    /// <summary>Kills it, as the kernel or a lost node would: it has no moment to say good-bye.</summary>
    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
