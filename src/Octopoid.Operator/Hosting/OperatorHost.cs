using System.Reflection;
using Octopoid.Kubernetes.Events;
using Octopoid.Kubernetes.Leases;
using Octopoid.Kubernetes.Transport;
using Octopoid.Kubernetes.Writing;
using Octopoid.Operator.Effects;
using Octopoid.Operator.Forge;
using Octopoid.Operator.Forge.Gitea;
using Octopoid.Operator.Forge.GitHub;
using Octopoid.Operator.Forge.GitLab;
using Octopoid.Operator.Loop;
using Octopoid.Operator.Status;
using Octopoid.Operator.Watch;
using Octopoid.Operator.Webhooks;

namespace Octopoid.Operator.Hosting;

/// <summary>Puts the process together. One direction of data: watch → state → admission → effects → status.</summary>
internal static partial class OperatorHost
{
    private const int Success = 0;
    private const int LoopFailed = 1;
    private const int UsageError = 64;

    /// <summary>Less than the 30 seconds that Kubernetes grants a pod: writes under way take 3 seconds at most, and the Lease must be given up after them.</summary>
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(20);

    /// <summary>Runs until it is told to stop.</summary>
    /// <param name="args">Arguments for the web host, e.g. <c>--urls</c>.</param>
    /// <returns>The process's exit code: 64 when the environment makes no sense, 1 when a part of the flow has died.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        if (!OperatorOptions.TryRead(Environment.GetEnvironmentVariable, out var options, out var error))
        {
            await Console.Error.WriteLineAsync($"octopoid-operator: {error}").ConfigureAwait(false);
            return UsageError;
        }

        var app = Build(args, options);
        await using (app.ConfigureAwait(false))
        {
            // Asked for before the run, whose end disposes of the services.
            var loops = app.Services.GetServices<IHostedService>().OfType<BackgroundService>().ToList();
            await app.RunAsync().ConfigureAwait(false);

            // A loop that dies stops the host, and the host says nothing of it.
            return loops.Any(loop => loop.ExecuteTask?.IsFaulted == true) ? LoopFailed : Success;
        }
    }

    private static WebApplication Build(string[] args, OperatorOptions options)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        Telemetry.AddLog(builder.Logging, options);

        var services = builder.Services;
        services.AddSingleton(options);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(new Jitter(new Random()));
        var identity = Identity(options);
        services.AddSingleton(identity);
        Telemetry.AddMetrics(services, identity, options.SendsOtlp);

        // One after the other, a reader of /metrics that never ends would keep the lead from being given up.
        services.Configure<HostOptions>(host => (host.ShutdownTimeout, host.ServicesStopConcurrently) = (ShutdownTimeout, true));
        services.AddSingleton<FailureLog>();
        services.AddSingleton<ApiMetrics>();
        services.AddSingleton(
            options.KubeconfigPath is { } path ? ApiServerConfiguration.Kubeconfig(path) : ApiServerConfiguration.ServiceAccount);
        services.AddSingleton<ApiConnection>();
        services.AddSingleton<ApiTransport>();

        // Leadership: one process at a time runs what is scoped below, each term anew.
        services.AddSingleton(Elector);
        services.AddSingleton<Leader>();
        services.AddHostedService(provider => provider.GetRequiredService<Leader>());
        services.AddScoped<Term>();
        services.AddScoped(provider => new FencedTransport(
            provider.GetRequiredService<ApiTransport>(), provider.GetRequiredService<Leader>().Leadership!));

        // Watch: informers turn what the API server has into facts.
        services.AddSingleton<Watches>();
        services.AddHostedService(provider => provider.GetRequiredService<Watches>());
        services.AddScoped<Inbox>();

        // State and admission: one loop.
        services.AddScoped<OrchestratorBootstrap>();
        services.AddSingleton<LoopPulse>();
        services.AddScoped<AdmissionLoop>();
        services.AddScoped<SelfAudit>();

        // Effects: claims, Jobs, results.
        services.AddSingleton<Retries>();
        services.AddScoped<TaskClient>();
        services.AddScoped<ScriptsStore>();
        services.AddScoped<ClaimTask>();
        services.AddScoped<CreateJob>();
        services.AddScoped<FinishAttempt>();
        services.AddScoped<InspectAttempt>();
        services.AddScoped<SettleTask>();
        services.AddScoped<RemoveObject>();
        services.AddScoped<DeleteJob>();
        services.AddScoped<EffectPool>();

        // Forges: how many pull requests are open.
        services.AddSingleton<ForgeConnections>();
        services.AddSingleton<ForgeMetrics>();
        services.AddSingleton<ForgeTransport>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<ApiSecrets>(provider, provider.GetRequiredService<ApiTransport>()));
        services.AddSingleton<GitHubAppTokens>();
        services.AddSingleton<GitHubProvider>();
        services.AddSingleton<GitLabProvider>();
        services.AddSingleton<GiteaProvider>();
        services.AddScoped<IForge, Forges>();
        services.AddScoped<CountPullRequests>();

        // Webhooks: forges tell of changes.
        if (options.WebhookPort is not null)
        {
            services.AddSingleton<WebhookSecrets>();
            services.AddSingleton<WebhookLog>();
            services.AddSingleton(provider => ActivatorUtilities.CreateInstance<WebhookRelay>(provider, provider.GetRequiredService<ApiTransport>()));
            services.AddSingleton<WebhookReceiver>();
            services.AddHostedService<WebhookServer>();
        }

        // Status: what people see.
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<EventRecorder>(
            provider, "octopoid.dev/operator", provider.GetRequiredService<OperatorIdentity>().Name));
        services.AddSingleton<BlueprintEvents>();
        services.AddSingleton<DriftReporter>();
        services.AddSingleton<GateReporter>();
        services.AddSingleton<PoolMetrics>();
        services.AddSingleton<AttemptMetrics>();
        services.AddSingleton<TaskEvents>();
        services.AddHostedService(provider => provider.GetRequiredService<TaskEvents>());
        services.AddScoped(provider => ActivatorUtilities.CreateInstance<StatusWriter>(provider, provider.GetRequiredService<FencedTransport>()));
        services.AddScoped<StatusReporter>();

        var app = builder.Build();
        ProcessMetrics.Map(app.Services);
        app.MapPrometheusScrapingEndpoint();
        HealthEndpoints.Map(app);
        app.Lifetime.ApplicationStarted.Register(() => LogServes(app.Logger, app.Urls));
        return app;
    }

    /// <summary>The elector, on a connection of its own: whatever else is sent, a renewal never waits behind it.</summary>
    private static LeaderElector Elector(IServiceProvider services)
    {
        var options = services.GetRequiredService<OperatorOptions>();
        var election = new LeaderElectionOptions
        {
            Namespace = options.PodNamespace,
            Name = "octopoid-operator",
            Identity = services.GetRequiredService<OperatorIdentity>().Name,
            LeaseDuration = options.LeaseDuration,
        };
        return ActivatorUtilities.CreateInstance<LeaderElector>(
            services, ActivatorUtilities.CreateInstance<ApiConnection>(services), election);
    }

    private static OperatorIdentity Identity(OperatorOptions options)
    {
        var name = options.PodName ?? Environment.MachineName;
        var version = typeof(OperatorHost).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        return new OperatorIdentity($"{name}_{Guid.NewGuid():N}", version ?? "unknown");
    }

    [LoggerMessage(EventId = 4001, Level = LogLevel.Information, Message = "Serves /metrics, /healthz and /readyz at {Addresses}.")]
    private static partial void LogServes(ILogger logger, IEnumerable<string> addresses);
}
