using System.Net.Http.Headers;
using k8s;
using k8s.Authentication;
using Microsoft.Extensions.Time.Testing;
using Octopoid.Kubernetes.Transport;

namespace Octopoid.Kubernetes.Tests.Transport;

public sealed class ReplacedConnectionTests
{
    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_whose_credentials_came_when_its_connection_was_gone_is_one_without_an_answer()
    {
        var time = new FakeTimeProvider();
        var credentials = new SlowCredentials();
        using var connection = new TestConnection(
            new ApiServerConfiguration(
                "the test", () => new KubernetesClientConfiguration { Host = "http://127.0.0.1:1", TokenProvider = credentials }),
            time);
        var transport = connection.Transport(requestTimeout: TimeSpan.FromHours(1));
        var early = SendAsync();
        await credentials.Asked.Task.WaitAsync(TimeSpan.FromSeconds(30), CancellationToken);

        // Each finds a configuration that is due to be read again: the second reading disposes of what the early one was to go by.
        for (var i = 0; i < 3; i++)
        {
            await Assert.ThrowsAsync<HttpRequestException>(SendAsync);
            time.Advance(TimeSpan.FromSeconds(11));
        }

        credentials.Come.SetResult();
        await Assert.ThrowsAsync<HttpRequestException>(() => early);

        Task SendAsync() => transport.PostAsync("x", "{}"u8.ToArray(), ThingJson.Default.Thing, CancellationToken);
    }

    /// <summary>The first request waits for them.</summary>
    private sealed class SlowCredentials : ITokenProvider
    {
        private int _asked;

        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Come { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task<AuthenticationHeaderValue> GetAuthenticationHeaderAsync(CancellationToken cancellationToken)
        {
            if (Interlocked.Increment(ref _asked) == 1)
            {
                Asked.SetResult();
                await Come.Task.WaitAsync(cancellationToken);
            }

            return new AuthenticationHeaderValue("Bearer", "x");
        }
    }
}
