using System.CommandLine;
using System.Text.Json.Serialization.Metadata;
using Octopoid.Cli.Cluster;
using Octopoid.Cli.Output;
using Octopoid.Cli.Pools;
using Octopoid.Core.Kinds;

namespace Octopoid.Cli.Commands;

/// <summary>What a command works with: the cluster, the screen, the clock.</summary>
internal sealed class Session : IDisposable
{
    private readonly ClusterConnection _connection;
    private int _written;

    private Session(ClusterConnection connection, ClusterOptions options, OutputFormat format, CommandLineEnvironment environment)
    {
        _connection = connection;
        (Format, Screen, Output, Error, Time) = (format, environment.Screen, environment.Output, environment.Error, environment.Time);
        Namespace = options.Namespace ?? connection.Namespace;
        Client = new PoolClient(connection.Transport, options.AllNamespaces ? null : Namespace);
        HasAllNamespaces = options.AllNamespaces;
    }

    /// <summary>The namespace that is worked in.</summary>
    public string Namespace { get; }

    /// <summary>True when all namespaces are asked for.</summary>
    public bool HasAllNamespaces { get; }

    public PoolClient Client { get; }

    public OutputFormat Format { get; }

    public Screen Screen { get; }

    public TextWriter Output { get; }

    public TextWriter Error { get; }

    public TimeProvider Time { get; }

    /// <summary>True when programs read the answer.</summary>
    public bool IsForPrograms => Format is OutputFormat.Json or OutputFormat.Yaml;

    public static Session Open(ParseResult parsed, CommandLineEnvironment environment)
    {
        var options = new ClusterOptions(
            parsed.GetValue(GlobalOptions.Kubeconfig), parsed.GetValue(GlobalOptions.Context), parsed.GetValue(GlobalOptions.Namespace) is { Length: > 0 } space ? space : null, parsed.GetValue(GlobalOptions.AllNamespaces));
        var connection = ClusterConnection.Open(options, environment.Time);
        return new Session(connection, options, parsed.GetValue(GlobalOptions.Format), environment);
    }

    /// <summary>Reads all that the pool consists of.</summary>
    public async Task<PoolSnapshot> ReadAsync(CancellationToken cancellationToken)
    {
        var (blueprints, tasks, repositories, flows) = (
            Client.BlueprintsAsync(cancellationToken), Client.TasksAsync(cancellationToken), Client.RepositoriesAsync(cancellationToken), Client.FlowsAsync(cancellationToken));
        var (orchestrator, leases) = (Client.OrchestratorAsync(cancellationToken), Client.LeasesAsync(cancellationToken));
        return new PoolSnapshot
        {
            Blueprints = await blueprints.ConfigureAwait(false),
            Tasks = await tasks.ConfigureAwait(false),
            Repositories = await repositories.ConfigureAwait(false),
            Flows = await flows.ConfigureAwait(false),
            Orchestrator = await orchestrator.ConfigureAwait(false),
            Lead = await leases.ConfigureAwait(false) is { } found ? OperatorLead.Read(found) : null,
        };
    }

    /// <summary>Writes a value for programs; of several in YAML each is a document of its own.</summary>
    public void Write<T>(T value, JsonTypeInfo<T> json)
    {
        if (_written++ > 0 && Format == OutputFormat.Yaml)
        {
            Output.WriteLine("---");
        }

        Documents.Write(Output, Format, value, json);
    }

    /// <summary>Does something to each of several objects, as kubectl does: a failure is told and keeps nothing from the others.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> ForEachAsync(IEnumerable<string> names, Func<string, Task> act)
    {
        var exitCode = ExitCodes.Success;
        foreach (var name in names)
        {
            try
            {
                await act(name).ConfigureAwait(false);
            }
            catch (Exception e) when (CommandLine.Sentence(e) is { } sentence)
            {
                exitCode = ExitCodes.Failed;
                await Error.WriteLineAsync($"error: {sentence}").ConfigureAwait(false);
            }
        }

        return exitCode;
    }

    /// <summary>Tells what was done to an object, as kubectl does: its name and a word, or what it is now.</summary>
    public void Report<T>(string resource, T changed, string name, string done, JsonTypeInfo<T> json)
    {
        if (IsForPrograms)
        {
            Write(changed, json);
        }
        else
        {
            Screen.Line($"{resource}.{ApiGroup.Name}/{name}{(Format == OutputFormat.Name ? "" : $" {done}")}");
        }
    }

    /// <summary>The log of an agent's container.</summary>
    public Task<Stream> ReadLogAsync(string pod, bool isFollowed, CancellationToken cancellationToken) =>
        _connection.ReadLogAsync(Namespace, pod, isFollowed, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();
}
