using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Octopoid.Core.Kinds;
using Octopoid.Core.PullRequests;
using Octopoid.Operator.Forge;
using Octopoid.Operator.Forge.Gitea;
using Octopoid.Operator.Forge.GitHub;
using Octopoid.Operator.Forge.GitLab;
using Octopoid.Operator.Hosting;
using Octopoid.Testing.Forges;
using ForgeRequest = Octopoid.Testing.Forges.ForgeRequest;

namespace Octopoid.Operator.Tests.Forge;

/// <summary>The operator's client of a test forge, made as the operator makes it, with one repository, and a Secret that holds a token.</summary>
internal sealed class CountingClient : IAsyncDisposable
{
    public const string Token = "ghp_0123456789abcdefghijklmnopqrstuvwxyz";
    public const string SecretName = "forge";

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly ForgeConnections _connections = new();

    private readonly RepositoryProvider _provider;

    private CountingClient(TestForge forge, FakeTimeProvider time, RepositoryProvider provider)
    {
        (Forge, Time, _provider) = (forge, time, provider);
        Repository = forge.Add("octo", "reef");
        forge.AddToken(Token);
        Secrets.Put(SecretName, new Dictionary<string, string> { ["token"] = Token });
        ApiSecrets = new ApiSecrets(Secrets, time);
        Transport = new ForgeTransport(_connections, new ForgeMetrics(Meters), new OperatorIdentity("me", "1"), time);
        Provider = provider switch
        {
            RepositoryProvider.GitLab => new GitLabProvider(),
            RepositoryProvider.Gitea => new GiteaProvider(),
            _ => new GitHubProvider(new GitHubAppTokens(Transport, time)),
        };
        Object = RepositoryNamed("reef");
        Session = Open();
    }

    public TestForge Forge { get; }

    public FakeTimeProvider Time { get; }

    public ForgeRepository Repository { get; }

    public SecretsInMemory Secrets { get; } = new();

    public ApiSecrets ApiSecrets { get; }

    public ForgeTransport Transport { get; }

    public IForgeProvider Provider { get; }

    /// <summary>True where the forge answers that nothing has changed, if nothing has.</summary>
    public bool HasETags => _provider != RepositoryProvider.Gitea;

    public IMeterFactory Meters => _services.GetRequiredService<IMeterFactory>();

    /// <summary>The repository's object.</summary>
    public AgentRepository Object { get; set; }

    public ForgeSession Session { get; set; }

    /// <summary>How many pull requests of the pool are open, by the forge's own books.</summary>
    public int Truth => TrueIn(Repository);

    public static async Task<CountingClient> StartAsync(RepositoryProvider provider = RepositoryProvider.GitHub)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        return new CountingClient(await TestForge.StartAsync(time), time, provider);
    }

    /// <summary>How many pull requests of a repository count, by the forge's own books.</summary>
    public static int TrueIn(ForgeRepository repository) =>
        repository.PullRequests.Count(pull => pull is { IsOpen: true, IsFork: false } && pull.Branch.StartsWith("agent/", StringComparison.Ordinal));

    private ForgeFormat Format => _provider switch
    {
        RepositoryProvider.GitLab => ForgeFormat.GitLab,
        RepositoryProvider.Gitea => ForgeFormat.Gitea,
        _ => ForgeFormat.GitHub,
    };

    /// <summary>What the forge was asked of one pull request by its number.</summary>
    public IReadOnlyList<ForgeRequest> Asked(long number) => [.. Forge.Requests.Where(request => IsOf(request, number))];

    /// <summary>True for a request for one pull request.</summary>
    public bool IsOf(ForgeRequest request, long number) =>
        request.Path.EndsWith($"/{(_provider == RepositoryProvider.GitLab ? "merge_requests" : "pulls")}/{number}", StringComparison.Ordinal);

    /// <summary>An object for a repository of the forge.</summary>
    public AgentRepository RepositoryNamed(string name) => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = "work", Uid = "uid-" + name, ResourceVersion = "1", Generation = 1 },
        Spec = new AgentRepositorySpec
        {
            Url = $"https://forge.example.org/octo/{name}", Provider = _provider, ApiUrl = Forge.ApiRootOf(Format).AbsoluteUri, ApiSecretName = SecretName,
        },
    };

    /// <summary>A session that knows of nothing yet.</summary>
    public ForgeSession Open(AgentRepository? repository = null)
    {
        Assert.True(RepositoryAddress.TryParse((repository ?? Object).Spec, out var address, out var violation), violation);
        return new ForgeSession(Provider, address!, Transport, ApiSecrets, Time);
    }

    public Task<PullRequestCount> CountAsync(params (long Number, PullRequestState State)[] known) =>
        Session.CountAsync(Object, known.ToDictionary(pull => pull.Number, pull => pull.State), TestContext.Current.CancellationToken);

    /// <summary>Why a count fails. The clock is moved on while it hangs.</summary>
    public async Task<CountFailure> FailAsync(bool isHanging = false) => (await FailureAsync(isHanging)).Failure;

    /// <summary>The same, as it is thrown.</summary>
    public async Task<ForgeException> FailureAsync(bool isHanging = false)
    {
        var (met, count) = (Forge.Faults.Met, CountAsync());
        await Eventually.IsAsync(() =>
        {
            if (isHanging && Forge.Faults.Met > met)
            {
                Time.Advance(TimeSpan.FromSeconds(1));
            }

            return count.IsCompleted;
        });
        return await Assert.ThrowsAsync<ForgeException>(() => count);
    }

    /// <summary>What the forge was asked meanwhile.</summary>
    public async Task<IReadOnlyList<ForgeRequest>> RequestsOfAsync(Func<Task> work)
    {
        var before = Forge.Requests.Count;
        await work();
        return [.. Forge.Requests.Skip(before)];
    }

    /// <summary>Opens pull requests of the pool.</summary>
    public void OpenOfPool(int count)
    {
        for (var i = 0; i < count; i++)
        {
            Repository.Open($"agent/{i}", isDraft: i % 3 == 0);
        }
    }

    /// <summary>Opens pull requests that are not the pool's.</summary>
    public void OpenOfOthers(int count)
    {
        for (var i = 0; i < count; i++)
        {
            Repository.Open(i % 3 == 0 ? $"fix/{i}" : $"agent/other-{i}", isFork: i % 3 == 1, isForkGone: i % 3 == 2);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _connections.Dispose();
        await _services.DisposeAsync();
        await Forge.DisposeAsync();
    }
}
