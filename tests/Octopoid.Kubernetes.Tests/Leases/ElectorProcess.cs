using Octopoid.Testing;

namespace Octopoid.Kubernetes.Tests.Leases;

/// <summary>An elector in a process of its own, behind a proxy of its own.</summary>
internal sealed class ElectorProcess : IAsyncDisposable
{
    private readonly WatchedProcess _process;
    private readonly string _journal;

    private ElectorProcess(string identity, FaultProxy network, WatchedProcess process, string journal)
    {
        Identity = identity;
        Network = network;
        _process = process;
        _journal = journal;
    }

    public string Identity { get; }

    /// <summary>What is between it and the API server.</summary>
    public FaultProxy Network { get; }

    public static async Task<ElectorProcess> StartAsync(
        ControlPlane server, string namespaceName, string identity, int leaseSeconds, TemporaryFolder folder)
    {
        var network = FaultProxy.Start(server.Uri);
        var kubeconfig = folder.Combine($"{identity}.kubeconfig");
        await File.WriteAllTextAsync(kubeconfig, server.Kubeconfig(ControlPlane.AdminToken, network.Uri));
        var journal = folder.Combine($"{identity}.journal");
        var process = WatchedProcess.Start(
            folder.Combine($"{identity}.log"),
            "dotnet",
            Path.Combine(AppContext.BaseDirectory, "Octopoid.Elector.dll"),
            kubeconfig,
            namespaceName,
            identity,
            $"{leaseSeconds}",
            journal);
        return new ElectorProcess(identity, network, process, journal);
    }

    public Task SignalAsync(string signal) => _process.SignalAsync(signal);

    /// <summary>When it has led so far.</summary>
    public async Task<string> JournalAsync(CancellationToken cancellationToken) =>
        File.Exists(_journal) ? await File.ReadAllTextAsync(_journal, cancellationToken) : "";

    public string LastLines() => _process.LastLines();

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        await Network.DisposeAsync();
    }
}
