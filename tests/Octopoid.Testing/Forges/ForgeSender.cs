using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Octopoid.Testing.Forges;

/// <summary>Sends the answer to one request, as well or as badly as its fault has it.</summary>
/// <param name="context">The request, as Kestrel has it.</param>
/// <param name="time">The clock of a slow body that names none.</param>
/// <param name="ended">Called just before the client can know that the request is over.</param>
/// <param name="cancellationToken">Ends what has no end.</param>
internal sealed class ForgeSender(HttpContext context, TimeProvider time, Action ended, CancellationToken cancellationToken)
{
    /// <summary>Sends it.</summary>
    public async Task SendAsync(ForgeAnswer answer, ForgeFault? fault)
    {
        switch (fault?.Delivery ?? ForgeDelivery.Whole)
        {
            case ForgeDelivery.Never:
                await ForeverAsync();
                Reset();
                break;

            case ForgeDelivery.Reset:
                Reset();
                break;

            case ForgeDelivery.Half:
                await StartAsync(answer);
                await WriteAsync(answer.Body[..(answer.Body.Length / 2)]);
                Reset();
                break;

            case ForgeDelivery.HeadersOnly:
                await StartAsync(answer);
                await ForeverAsync();
                Reset();
                break;

            case ForgeDelivery.Slow:
                await StartAsync(answer);
                await DripAsync(answer.Body, fault!.Pace, fault.PaceClock ?? time);
                break;

            default:
                Describe(answer);
                ended();
                await context.Response.Body.WriteAsync(answer.Body, cancellationToken);
                break;
        }
    }

    private async Task StartAsync(ForgeAnswer answer)
    {
        Describe(answer);
        await context.Response.StartAsync(cancellationToken);
        await context.Response.Body.FlushAsync(cancellationToken);
    }

    private async Task DripAsync(ReadOnlyMemory<byte> body, TimeSpan pace, TimeProvider clock)
    {
        for (var i = 0; i < body.Length; i++)
        {
            await Task.Delay(pace, clock, cancellationToken);
            if (i == body.Length - 1)
            {
                ended();
            }

            await WriteAsync(body.Slice(i, 1));
        }
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        await context.Response.Body.WriteAsync(bytes, cancellationToken);
        await context.Response.Body.FlushAsync(cancellationToken);
    }

    private async Task ForeverAsync()
    {
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = cancellationToken.Register(gone.SetResult);
        await gone.Task;
    }

    private void Reset()
    {
        ended();
        if (context.Features.Get<IConnectionSocketFeature>() is { } feature)
        {
            try
            {
                feature.Socket.LingerState = new LingerOption(true, 0);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // It is gone already.
            }
        }

        context.Abort();
    }

    private void Describe(ForgeAnswer answer)
    {
        var response = context.Response;
        response.StatusCode = answer.Status;
        foreach (var (name, value) in answer.Headers.Where(header => header.Value.Length > 0))
        {
            response.Headers[name] = value;
        }

        if (answer.Status is not (204 or 304))
        {
            response.ContentLength = answer.Body.Length;
        }
    }
}
