using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Octopoid.Core.Kinds;
using Octopoid.Kubernetes.Events;
using Octopoid.Kubernetes.Transport;
using Octopoid.Operator.Status;

namespace Octopoid.Operator.Tests.Status;

public sealed class GateReporterTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly MeterListener _listener = new();
    private readonly ServiceProvider _services;
    private readonly GateReporter _gates;
    private readonly Dictionary<string, string> _seen = [];

    public GateReporterTests()
    {
        _services = new ServiceCollection()
            .AddMetrics()
            .AddLogging()
            .AddSingleton<TimeProvider>(_time)
            .AddSingleton(new Jitter(new Random(1)))
            .AddSingleton<FailureLog>()
            .AddSingleton<ApiMetrics>()
            .AddSingleton(new ApiServerConfiguration("nothing", () => throw new InvalidOperationException("Nothing is sent from here.")))
            .AddSingleton<ApiConnection>()
            .AddSingleton<ApiTransport>()
            .AddSingleton(provider => ActivatorUtilities.CreateInstance<EventRecorder>(provider, "octopoid.dev/operator", "test"))
            .AddSingleton<GateReporter>()
            .BuildServiceProvider();
        _gates = _services.GetRequiredService<GateReporter>();
        var meters = _services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == meters && instrument.Name.StartsWith("octopoid.repository.", StringComparison.Ordinal))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => See(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => See(instrument, value, tags));
        _listener.Start();
    }

    [Fact]
    public void The_metrics_of_a_repository_say_what_its_status_says()
    {
        var closed = new AgentRepositoryStatus
        {
            OpenPullRequests = 3, ReservedPullRequests = 1, Gate = GateState.Closed, Reason = Reasons.OpenPRLimit, Message = "Full.", Quota = new RequestQuota { Remaining = 40, Limit = 60 },
        };
        _gates.Report(Repository(maxOpen: 4), closed, _time.GetUtcNow().AddSeconds(-10), isOfCluster: false);

        Assert.Equal(
            [
                "count.age = 10 [namespace=work, repository=code]",
                "count.stale_after = 300 [namespace=work, repository=code]",
                "gate.closed = 1 [namespace=work, repository=code, reason=OpenPRLimit]",
                "pull_requests.limit = 4 [namespace=work, repository=code]",
                "pull_requests.open = 3 [namespace=work, repository=code]",
                "pull_requests.reserved = 1 [namespace=work, repository=code]",
                "quota.limit = 60 [namespace=work, repository=code]",
                "quota.remaining = 40 [namespace=work, repository=code]",
            ],
            Observe());
    }

    [Fact]
    public void What_is_not_known_or_has_no_limit_is_left_out_and_who_leads_no_more_says_nothing()
    {
        _gates.Report(Repository(maxOpen: null), new AgentRepositoryStatus { OpenPullRequests = 0, Gate = GateState.Open, Reason = Reasons.BelowLimit }, null, isOfCluster: false);
        Assert.Equal(
            [
                "gate.closed = 0 [namespace=work, repository=code, reason=BelowLimit]",
                "pull_requests.open = 0 [namespace=work, repository=code]",
            ],
            Observe());

        _gates.Clear();
        Assert.Empty(Observe());
    }

    public void Dispose()
    {
        _listener.Dispose();
        _services.Dispose();
    }

    private static AgentRepository Repository(int? maxOpen) => new()
    {
        Metadata = new ObjectMeta { Name = "code", Namespace = "work", Uid = "uid" },
        Spec = new AgentRepositorySpec { Url = "https://github.com/acme/code", PullRequests = new PullRequestPolicy { MaxOpen = maxOpen } },
    };

    private IEnumerable<string> Observe()
    {
        _seen.Clear();
        _listener.RecordObservableInstruments();
        return _seen.Select(seen => $"{seen.Key} = {seen.Value}").Order(StringComparer.Ordinal);
    }

    private void See<T>(Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _seen[instrument.Name["octopoid.repository.".Length..]] = $"{value} [{string.Join(", ", tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))}]";
}
