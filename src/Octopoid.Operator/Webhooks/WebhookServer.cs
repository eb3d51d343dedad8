using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Octopoid.Operator.Hosting;

namespace Octopoid.Operator.Webhooks;

/// <summary>Listens for webhooks, at a port of its own: strangers may reach it, and nothing that they do there keeps anybody from health and metrics.</summary>
internal sealed partial class WebhookServer(WebhookReceiver receiver, OperatorOptions options, TimeProvider time, ILoggerFactory loggers) : IHostedService, IAsyncDisposable
{
    /// <summary>So many who come slowly are let be. Of more, some are turned away, perhaps a forge: then the next poll finds what it had to tell.</summary>
    private const int MostConnections = 500;

    /// <summary>What the server reads of a connection ahead of us, and what it keeps of answers that are not fetched: else a megabyte each, for whoever connects.</summary>
    private const int ReadAhead = 64 << 10;
    private const int WriteBehind = 16 << 10;

    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(2);

    private readonly ILogger _logger = loggers.CreateLogger<WebhookServer>();
    private WebApplication? _server;

    /// <summary>Where it listens; null before it does.</summary>
    public Uri? Address => _server?.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses.Select(
        address => new Uri(address)).FirstOrDefault();

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.WebHost.UseKestrelCore().UseSockets(sockets => (sockets.MaxReadBufferSize, sockets.MaxWriteBufferSize) = (ReadAhead, WriteBehind));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBufferSize = ReadAhead;
            kestrel.Limits.MaxResponseBufferSize = WriteBehind;
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = MostConnections;
            kestrel.Limits.MaxRequestBodySize = WebhookReceiver.LargestBody;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5);
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(30);
            kestrel.ListenAnyIP(options.WebhookPort!.Value, listen => listen.Protocols = HttpProtocols.Http1);
        });
        _server = builder.Build();
        _server.Run(receiver.ReceiveAsync);
        await _server.StartAsync(cancellationToken).ConfigureAwait(false);
        LogServes(Address!);
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_server is { } server)
        {
            using var deadline = new CancellationTokenSource(StopTimeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
            await server.StopAsync(either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;

    [LoggerMessage(EventId = 3631, Level = LogLevel.Information, Message = "Takes webhooks in at {Address}.")]
    private partial void LogServes(Uri address);
}
