using Microsoft.Extensions.Logging;

namespace Octopoid.Kubernetes.Tests;

/// <summary>All that is logged, of every level.</summary>
internal sealed class RecordedLog : ILoggerFactory, ILogger
{
    private readonly Lock _gate = new();
    private readonly List<(LogLevel Level, int Id, string Text)> _lines = [];

    /// <summary>Each line, with its exception if it has one.</summary>
    public IReadOnlyList<(LogLevel Level, int Id, string Text)> Lines
    {
        get
        {
            lock (_gate)
            {
                return [.. _lines];
            }
        }
    }

    /// <summary>What a person sees: all but the debug lines.</summary>
    public IReadOnlyList<string> Told => [.. Lines.Where(line => line.Level >= LogLevel.Information).Select(line => line.Text)];

    public int Count(int id) => Lines.Count(line => line.Id == id);

    public ILogger CreateLogger(string categoryName) => this;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_gate)
        {
            _lines.Add((logLevel, eventId.Id, $"{formatter(state, exception)} {exception}".Trim()));
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
        // What was written is read after the test.
    }
}
