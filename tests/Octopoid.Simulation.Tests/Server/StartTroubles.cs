using System.Text.Json.Nodes;
using Octopoid.Simulation.Tests.Engine;

namespace Octopoid.Simulation.Tests.Server;

/// <summary>What keeps a blueprint's agents from starting for a while.</summary>
internal sealed class StartTroubles(World world)
{
    /// <summary>The Job gets no pod.</summary>
    public const string NoPod = "NoPod";

    /// <summary>The pod ends, for its program cannot be run.</summary>
    public const string StartError = "StartError";

    private const string ImagePull = "ImagePullBackOff";
    private const string Unschedulable = "Unschedulable";

    private readonly Dictionary<string, (string Kind, TimeSpan Until)> _troubles = [];

    /// <summary>Every kind.</summary>
    public static IReadOnlyList<string> Kinds { get; } = [ImagePull, Unschedulable, NoPod, StartError];

    /// <summary>Begins one; any other of that blueprint ends.</summary>
    public void Begin(string blueprint, string kind, double seconds) => _troubles[blueprint] = (kind, world.Now + TimeSpan.FromSeconds(seconds));

    /// <summary>What keeps a blueprint's agents from starting now, and for how long; null when nothing does.</summary>
    public (string Kind, TimeSpan Left)? Of(string? blueprint) =>
        blueprint is not null && _troubles.TryGetValue(blueprint, out var trouble) && trouble.Until > world.Now ? (trouble.Kind, trouble.Until - world.Now) : null;

    /// <summary>All is well again.</summary>
    public void End() => _troubles.Clear();

    /// <summary>How a pod tells of it.</summary>
    public static JsonObject Status(string kind) => kind switch
    {
        ImagePull => new JsonObject
        {
            ["phase"] = "Pending",
            ["containerStatuses"] = new JsonArray(new JsonObject
            {
                ["name"] = "agent",
                ["state"] = new JsonObject { ["waiting"] = new JsonObject { ["reason"] = ImagePull, ["message"] = "Back-off pulling image agent:1" } },
            }),
        },
        StartError => new JsonObject
        {
            ["phase"] = "Failed",
            ["containerStatuses"] = new JsonArray(new JsonObject
            {
                ["name"] = "agent",
                ["state"] = new JsonObject
                {
                    ["terminated"] = new JsonObject { ["exitCode"] = 128, ["reason"] = StartError, ["message"] = "exec: agent: not found" },
                },
            }),
        },
        _ => new JsonObject
        {
            ["phase"] = "Pending",
            ["conditions"] = new JsonArray(new JsonObject
            {
                ["type"] = "PodScheduled", ["status"] = "False", ["reason"] = Unschedulable, ["message"] = "0/3 nodes are available.",
            }),
        },
    };
}
