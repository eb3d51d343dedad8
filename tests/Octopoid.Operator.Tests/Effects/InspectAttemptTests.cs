using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging.Abstractions;
using Octopoid.Core.Admission;
using Octopoid.Core.State;
using Octopoid.Kubernetes.Leases;
using Octopoid.Kubernetes.Transport;
using Octopoid.Operator.Effects;
using Octopoid.Operator.Loop;

namespace Octopoid.Operator.Tests.Effects;

/// <summary>What is asked of the API server when attempts have no pod to be seen.</summary>
public sealed class InspectAttemptTests
{
    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task However_many_are_looked_at_two_at_once_read_pods_and_others_are_not_kept_from_writing()
    {
        var time = TimeProvider.System;
        await using var stub = await ApiServerStub.StartAsync(_ => (200, ""), time);
        using var leadership = new Leadership(
            1, time.GetTimestamp(), new LeaderElectionOptions { Namespace = "d", Name = "l", Identity = "me", LeaseDuration = TimeSpan.FromHours(1) }, time);
        using var retries = new Retries(new Jitter(new Random(1)), time, new FailureLog(time), NullLogger<Retries>.Instance);
        var (server, inbox) = (new SlowServer(), new Inbox(time));
        var effect = new InspectAttempt(new FencedTransport(server, leadership), stub.Watches, retries, inbox);

        var looks = Enumerable.Range(0, 100).Select(number => effect.RunAsync(new Decision.Inspect(SlotOf(number)), CancellationToken)).ToList();
        Assert.Equal(2, server.Lists);
        Assert.Equal(7, await retries.UntilDefiniteAsync("write", "t", (_, _) => Task.FromResult(7), CancellationToken));

        server.Answer();
        await Task.WhenAll(looks);
        Assert.Equal((100, 2), (server.Lists, server.Most));
        for (var number = 0; number < 100; number++)
        {
            Assert.True(inbox.TryTake(out var fact) && fact is Fact.Inspected { IsOver: true });
        }
    }

    private static Slot SlotOf(int number) =>
        new($"uid-{number}", new NamespacedName("work", $"t-{number}"), new NamespacedName("work", "implementer"), 1, $"job-{number}", SlotPhase.Claiming);

    /// <summary>It has neither Jobs nor pods, and says so once it is let.</summary>
    private sealed class SlowServer : IApiTransport
    {
        private readonly TaskCompletionSource _mayAnswer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _lists;
        private int _underWay;

        public int Lists => Volatile.Read(ref _lists);

        public int Most { get; private set; }

        public void Answer() => _mayAnswer.SetResult();

        public async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> json, CancellationToken cancellationToken)
        {
            if (!path.Contains("/pods?", StringComparison.Ordinal))
            {
                throw new ApiException(HttpStatusCode.NotFound, "NotFound", "not found", null);
            }

            Interlocked.Increment(ref _lists);
            Most = Math.Max(Most, Interlocked.Increment(ref _underWay));
            await _mayAnswer.Task;
            Interlocked.Decrement(ref _underWay);
            return JsonSerializer.Deserialize("""{"metadata":{},"items":[]}""", json)!;
        }

        public Task<T> PostAsync<T>(string path, ReadOnlyMemory<byte> body, JsonTypeInfo<T> json, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<T> MergePatchAsync<T>(string path, ReadOnlyMemory<byte> patch, JsonTypeInfo<T> json, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task DeleteAsync(string path, ReadOnlyMemory<byte> options, CancellationToken cancellationToken) => throw new NotSupportedException();

        public IApiTransport WithTimeout(TimeSpan requestTimeout) => this;
    }
}
