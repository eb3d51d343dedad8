using Octopoid.Kubernetes.Transport;
using Octopoid.Operator.Hosting;

namespace Octopoid.Operator.Webhooks;

/// <summary>The secrets that forges sign their webhooks with: each file of a folder is one, so that a new one can be taken up before the old one goes.</summary>
internal sealed partial class WebhookSecrets(OperatorOptions options, TimeProvider time, FailureLog failures, ILogger<WebhookSecrets> logger)
{
    /// <summary>Kubernetes itself takes a minute to bring a changed Secret into a pod; to look at each delivery would be theirs to decide who send them.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private IReadOnlyList<byte[]> _secrets = [];
    private long? _readAt;

    /// <summary>All of them, as they are now, or were some seconds ago.</summary>
    public IReadOnlyList<byte[]> Read()
    {
        lock (_gate)
        {
            if (_readAt is not { } at || time.GetElapsedTime(at) >= Lifetime)
            {
                _readAt = time.GetTimestamp();
                _secrets = ReadFiles() ?? _secrets;
            }

            return _secrets;
        }
    }

    /// <summary>Null where they cannot be read now.</summary>
    private List<byte[]>? ReadFiles()
    {
        const string What = "read webhooks' secrets";
        try
        {
            // A Secret's volume has links that begin with two dots beside its keys.
            var secrets = Directory.EnumerateFiles(options.WebhookSecrets!)
                .Where(file => !Path.GetFileName(file).StartsWith('.'))
                .Select(file => File.ReadAllBytes(file).AsSpan().TrimEnd("\r\n"u8).ToArray())
                .Where(secret => secret.Length > 0)
                .ToList();
            if (secrets.Count > 0)
            {
                failures.Clear(What);
            }
            else if (failures.IsDue(What, "none"))
            {
                LogNone(options.WebhookSecrets!);
            }

            return secrets;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (failures.IsDue(What, e.Message))
            {
                LogUnreadable(e.Message);
            }

            return null;
        }
    }

    [LoggerMessage(EventId = 3611, Level = LogLevel.Warning, Message = "Webhooks are refused: no file of {Folder} has a secret in it.")]
    private partial void LogNone(string folder);

    [LoggerMessage(EventId = 3612, Level = LogLevel.Warning, Message = "Webhooks' secrets cannot be read: {Error}")]
    private partial void LogUnreadable(string error);
}
