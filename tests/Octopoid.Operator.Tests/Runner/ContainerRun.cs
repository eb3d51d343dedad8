using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Json.Schema;
using Octopoid.Testing;

namespace Octopoid.Operator.Tests.Runner;

/// <summary>One container's process and what it leaves: output, exit code, termination message.</summary>
internal sealed class ContainerRun : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly JsonSchema Schema = JsonSchema.FromFile(RepositoryRoot.Combine("docs", "agent-result.schema.json"));

    private readonly Process _process;
    private readonly string _terminationLog;
    private readonly StringBuilder _output = new();
    private readonly Task<string> _error;

    public ContainerRun(ProcessStartInfo start, string terminationLog)
    {
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        _terminationLog = terminationLog;
        _process = Process.Start(start) ?? throw new InvalidOperationException("not started");
        _error = _process.StandardError.ReadToEndAsync(CancellationToken.None);
    }

    public int ProcessId => _process.Id;

    public int ExitCode => _process.ExitCode;

    public string Output => _output.ToString();

    public string Error { get; private set; } = "";

    public byte[] MessageBytes { get; private set; } = [];

    /// <summary>The message, which is as the schema for authors of agents has it.</summary>
    public JsonElement Message
    {
        get
        {
            var message = JsonDocument.Parse(new UTF8Encoding(false, true).GetString(MessageBytes)).RootElement;
            Assert.True(Schema.Evaluate(message).IsValid, message.ToString());
            return message;
        }
    }

    public string Outcome => Text("outcome");

    public string Reason => Text("reason");

    public string Comment => Text("comment");

    public int Commits => Message.GetProperty("commits").GetInt32();

    public string HeadSha => Text("headSHA");

    /// <summary>Reads the output up to a line that the script prints when it is where the test wants it.</summary>
    public async Task ReadToLineAsync(string wanted)
    {
        while (await _process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Limit) is { } line)
        {
            _output.Append(line).Append('\n');
            if (line == wanted)
            {
                return;
            }
        }

        throw new InvalidOperationException($"The run ended without saying '{wanted}': {await _error}");
    }

    public async Task<ContainerRun> EndAsync()
    {
        _output.Append(await _process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(Limit));
        Error = await _error.WaitAsync(Limit);
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Limit);
        MessageBytes = File.ReadAllBytes(_terminationLog);
        return this;
    }

    public void Signal(string name) => Process.Start("kill", [$"-{name}", $"{ProcessId}"]).WaitForExit();

    public void Dispose() => _process.Dispose();

    private string Text(string name) => Message.TryGetProperty(name, out var value) ? value.GetString()! : "";
}
