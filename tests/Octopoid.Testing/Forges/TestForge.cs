using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Octopoid.Testing.Forges;

/// <summary>A forge that speaks GitHub's, GitLab's and Gitea's REST APIs over real HTTP, as far as pull requests go, and misbehaves when it is told to.</summary>
/// <remarks>Any thread may change it at any time; what is one request's answer is the state of one moment.</remarks>
public sealed class TestForge : IAsyncDisposable
{
    private const int LargestBody = 1 << 20;

    private readonly TimeProvider _time;
    private readonly WebApplication _app;
    private readonly ForgeCredentials _credentials = new();
    private readonly ForgeApi _api;
    private readonly List<ForgeRepository> _repositories = [];
    private readonly List<ForgeRequest> _requests = [];
    private readonly CancellationTokenSource _stopping = new();
    private TimeSpan _skew;
    private bool _requireToken = true;
    private bool _requiresUserAgent = true;
    private long _lastId = 1000;
    private int _concurrent;
    private int _maxConcurrent;

    private TestForge(TimeProvider time, string address)
    {
        _time = time;
        _api = new ForgeApi(this, _credentials);
        Faults = new ForgeFaults(Gate);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));
        builder.WebHost.UseUrls(address);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.AllowHostHeaderOverride = true;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MaxRequestBodySize = LargestBody;
        });
        _app = builder.Build();
        _app.Run(HandleAsync);
    }

    /// <summary>Where it listens.</summary>
    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    /// <summary>The root of GitHub's API, without a slash at its end.</summary>
    public Uri ApiRoot => ApiRootOf(ForgeFormat.GitHub);

    /// <summary>Its faults.</summary>
    public ForgeFaults Faults { get; }

    /// <summary>How far the forge's clock is ahead of the TimeProvider.</summary>
    public TimeSpan ForgeClockSkew
    {
        get => Locked(() => _skew);
        set => Locked(() => _skew = value);
    }

    /// <summary>True when it shows nothing to those who come without a token, as if all repositories were private.</summary>
    public bool RequireToken
    {
        get => Locked(() => _requireToken);
        set => Locked(() => _requireToken = value);
    }

    /// <summary>True when it refuses requests without a User-Agent header, as GitHub does.</summary>
    public bool RequiresUserAgent
    {
        get => Locked(() => _requiresUserAgent);
        set => Locked(() => _requiresUserAgent = value);
    }

    /// <summary>How many requests an hour it answers to all who come without a token; null for no limit.</summary>
    public int? AnonymousLimitPerHour
    {
        get => Locked(() => _credentials.Anonymous.PerHour);
        set => Locked(() => _credentials.Anonymous.PerHour = value);
    }

    /// <summary>The requests by now, in the order they came.</summary>
    public IReadOnlyList<ForgeRequest> Requests => Locked(() => _requests.ToArray());

    /// <summary>How many of the requests had their target in absolute form, as a proxy gets it.</summary>
    public int ProxiedRequests => Locked(() => _requests.Count(request => request.IsProxied));

    /// <summary>How many requests are under way.</summary>
    public int Concurrent => Locked(() => _concurrent);

    /// <summary>How many requests were under way at once. A client that has given one up may have it counted a moment longer.</summary>
    public int MaxConcurrent => Locked(() => _maxConcurrent);

    /// <summary>How many tokens it has issued to Apps.</summary>
    public int TokensIssued => Locked(() => _credentials.Issued);

    /// <summary>Guards all that it knows.</summary>
    internal Lock Gate { get; } = new();

    /// <summary>What the forge's clock says.</summary>
    internal DateTimeOffset Now => _time.GetUtcNow() + ForgeClockSkew;

    /// <summary>Starts one.</summary>
    /// <param name="time">The clock that its own is set by.</param>
    /// <param name="address">Where it listens, by an IP address; port 0 for any that is free.</param>
    public static async Task<TestForge> StartAsync(TimeProvider time, string address = "http://127.0.0.1:0")
    {
        var forge = new TestForge(time, address);
        await forge._app.StartAsync();
        return forge;
    }

    /// <summary>The root of an API, without a slash at its end.</summary>
    public Uri ApiRootOf(ForgeFormat format) => new(Address, ForgeFormats.Root(format));

    /// <summary>Adds a repository.</summary>
    public ForgeRepository Add(string owner, string name) => Locked(() =>
    {
        if (_repositories.Exists(one => one.IsNamed(owner, name)))
        {
            throw new InvalidOperationException($"There is a repository {owner}/{name} already.");
        }

        var repository = new ForgeRepository(this, owner, name);
        _repositories.Add(repository);
        return repository;
    });

    /// <summary>Deletes a repository: it is not found any more.</summary>
    public void Remove(ForgeRepository repository) => Locked(() => _repositories.Remove(repository));

    /// <summary>Adds a user's token, which may see and do all.</summary>
    /// <param name="token">The token.</param>
    /// <param name="limitPerHour">How many requests an hour it is good for; null for no limit.</param>
    /// <param name="label">What the log calls it; null for <c>token-</c> and a number.</param>
    public void AddToken(string token, int? limitPerHour = 5000, string? label = null) => Locked(() =>
    {
        _credentials.AddToken(token, limitPerHour, label);
        return true;
    });

    /// <summary>Takes a token back.</summary>
    /// <param name="tokenOrLabel">The token, or a label: all tokens that are called so by now, e.g. <c>installation:7</c>.</param>
    public void RevokeToken(string tokenOrLabel) => Locked(() =>
    {
        _credentials.Revoke(tokenOrLabel);
        return true;
    });

    /// <summary>Adds an App's installation, or gives the App another key.</summary>
    /// <param name="appId">The App's ID, the issuer of its JWTs.</param>
    /// <param name="installationId">The installation's ID.</param>
    /// <param name="publicKey">The key that its JWTs are checked by.</param>
    /// <param name="limitPerHour">How many requests an hour the installation's tokens are good for together; null for no limit.</param>
    public void AddApp(string appId, string installationId, RSA publicKey, int? limitPerHour = 5000)
    {
        var key = publicKey.ExportParameters(includePrivateParameters: false);
        Locked(() =>
        {
            _credentials.AddApp(appId, installationId, key, limitPerHour);
            return true;
        });
    }

    /// <summary>Adds an App's installation, or gives the App another key.</summary>
    /// <param name="appId">The App's ID, the issuer of its JWTs.</param>
    /// <param name="installationId">The installation's ID.</param>
    /// <param name="keyPem">The key that its JWTs are checked by, as PEM.</param>
    /// <param name="limitPerHour">How many requests an hour the installation's tokens are good for together; null for no limit.</param>
    public void AddApp(string appId, string installationId, string keyPem, int? limitPerHour = 5000)
    {
        using var key = RSA.Create();
        key.ImportFromPem(keyPem);
        AddApp(appId, installationId, key, limitPerHour);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _credentials.Dispose();
        _stopping.Dispose();
    }

    /// <summary>An identifier that nothing else in the forge has.</summary>
    internal long NextId() => Locked(() => ++_lastId);

    /// <summary>The repository that a condition is true of; null when there is none.</summary>
    internal ForgeRepository? Find(Predicate<ForgeRepository> condition) => Locked(() => _repositories.Find(condition));

    private static Uri Target(HttpContext context, out bool isProxied)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        isProxied = !target.StartsWith('/');
        return isProxied && Uri.TryCreate(target, UriKind.Absolute, out var absolute)
            ? absolute
            : new Uri($"{context.Request.Scheme}://{context.Request.Host}{(isProxied ? "/" : target)}");
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContext context, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, cancellationToken);
        return body.ToArray();
    }

    private async Task HandleAsync(HttpContext context)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _stopping.Token);
        var (request, identity) = Begin(context);
        var isOver = false;
        void End()
        {
            if (!isOver)
            {
                isOver = true;
                Locked(() => _concurrent--);
            }
        }

        try
        {
            var body = await ReadAsync(context, ending.Token);
            Faults.BeforeAnswer?.Invoke(request);
            var fault = Faults.Take(request);
            if (fault?.Until is { } until)
            {
                await until.WaitAsync(ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                ending.Token.ThrowIfCancellationRequested();
            }

            var answer = Answer(request, identity, body, fault);
            await new ForgeSender(context, _time, End, ending.Token).SendAsync(answer, fault);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The client has gone away, or the forge stops.
            context.Abort();
        }
        finally
        {
            End();
        }
    }

    private (ForgeRequest Request, ForgeIdentity Identity) Begin(HttpContext context) => Locked(() =>
    {
        var headers = context.Request.Headers;
        var identity = _credentials.Identify(headers.Authorization.ToString());
        var request = new ForgeRequest
        {
            Index = _requests.Count,
            Time = _time.GetUtcNow(),
            Method = context.Request.Method,
            Url = Target(context, out var isProxied),
            IsProxied = isProxied,
            IfNoneMatch = headers.IfNoneMatch.Count == 0 ? null : headers.IfNoneMatch.ToString(),
            Credential = identity.Label,
            UserAgent = headers.UserAgent.ToString(),
            Accept = headers.Accept.ToString(),
            ApiVersion = headers["X-GitHub-Api-Version"].ToString(),
        };
        _requests.Add(request);
        _maxConcurrent = Math.Max(_maxConcurrent, ++_concurrent);
        return (request, identity);
    });

    private ForgeAnswer Answer(ForgeRequest request, ForgeIdentity identity, ReadOnlyMemory<byte> body, ForgeFault? fault) => Locked(() =>
    {
        var hasEffect = fault is null || (fault.Instead is null && fault.Delivery != ForgeDelivery.Never);
        var answer = hasEffect
            ? _api.Answer(request, identity, body)
            : fault!.Instead?.Invoke(request) ?? new ForgeAnswer(0, ReadOnlyMemory<byte>.Empty);
        answer = _api.Complete(answer, request, identity);
        answer = fault?.Change?.Invoke(answer) ?? answer;
        _requests[request.Index] = request with
        {
            IsFaulted = fault is not null,
            Status = fault?.Delivery is ForgeDelivery.Never or ForgeDelivery.Reset ? null : answer.Status,
        };
        return answer;
    });

    private T Locked<T>(Func<T> work)
    {
        lock (Gate)
        {
            return work();
        }
    }
}
