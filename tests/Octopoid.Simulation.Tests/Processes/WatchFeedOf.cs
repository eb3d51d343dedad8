using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Octopoid.Kubernetes.Watching;
using Octopoid.Simulation.Tests.Engine;
using Octopoid.Simulation.Tests.Server;

namespace Octopoid.Simulation.Tests.Processes;

/// <inheritdoc/>
internal sealed class WatchFeed<T> : WatchFeed
    where T : class
{
    private readonly OperatorProcess _process;
    private readonly IReflectorSink<T> _sink;
    private readonly JsonTypeInfo<T> _json;
    private readonly JsonTypeInfo<ResourceList<T>> _listJson;
    private readonly Func<ServerObject, bool> _isWanted;
    private readonly ApiServer _server;
    private readonly Chance _chance;
    private readonly List<Action> _waiting = [];
    private int _position;
    private int _stream;
    private bool _isFollowing;
    private bool _isScheduled;

    public WatchFeed(
        OperatorProcess process,
        string resource,
        IReflectorSink<T> sink,
        JsonTypeInfo<T> json,
        JsonTypeInfo<ResourceList<T>> listJson,
        Func<ServerObject, bool> isWanted)
    {
        (_process, Resource, _sink, _json, _listJson, _isWanted) = (process, resource, sink, json, listJson, isWanted);
        _server = process.Simulation.Server;
        _chance = process.Simulation.World.Chance($"watch of {resource} by {process.Name}");
        _server.Changed += See;
    }

    public override string Resource { get; }

    public override void Stop() => _server.Changed -= See;

    public override void List(Action? done)
    {
        if (done is not null)
        {
            _waiting.Add(done);
        }

        // A list that is under way is not of this moment: this one takes its place.
        var stream = Restart();
        var fate = _process.Simulation.Network.Draw(_chance, "GET", Resource);
        if (fate.Kind != FateKind.Answered)
        {
            _process.After(_chance.Span(0.5, 2), () =>
            {
                if (stream == _stream)
                {
                    List(null);
                }
            });
            return;
        }

        var known = _sink.Newest;
        _process.Simulation.World.After(fate.Arrival + fate.Work, () =>
        {
            var (list, position, version) = (_process.Simulation.Handler.List(Resource, _isWanted), _server.Log(Resource).Count, _server.Version);
            _process.After(fate.Return, () =>
            {
                if (stream == _stream)
                {
                    Take(list, position, version, known);
                }
            });
        });
    }

    public override void Cut(TimeSpan length)
    {
        if (!_isFollowing)
        {
            return;
        }

        var stream = Restart();
        _process.After(length, () =>
        {
            if (stream == _stream)
            {
                _isFollowing = true;
                Schedule();
            }
        });
    }

    private int Restart()
    {
        (_isFollowing, _isScheduled) = (false, false);
        return ++_stream;
    }

    private void Take(byte[] list, int position, long version, string? known)
    {
        var read = JsonSerializer.Deserialize(list, _listJson)!;
        _sink.Replace([.. read.Items ?? []], read.Metadata!.ResourceVersion!, known);
        (_position, Delivered, _isFollowing) = (position, version, true);
        Schedule();
        Action[] waiting = [.. _waiting];
        _waiting.Clear();
        Array.ForEach(waiting, done => done());
        _process.Wake();
    }

    private void See(LogEntry entry)
    {
        if (entry.Object.Resource == Resource)
        {
            Schedule();
        }
    }

    private void Schedule()
    {
        if (!_isFollowing || _isScheduled || _position == _server.Log(Resource).Count)
        {
            return;
        }

        _isScheduled = true;
        var (stream, due) = (_stream, _server.Log(Resource)[_position].At + _chance.Span(0.001, LongestDelay));
        _process.After(due - _process.Simulation.World.Now, () =>
        {
            if (stream == _stream)
            {
                Deliver();
            }
        });
    }

    private void Deliver()
    {
        _isScheduled = false;
        var entry = _server.Log(Resource)[_position++];
        Delivered = entry.Version;
        var version = entry.Version.ToString(CultureInfo.InvariantCulture);
        if (entry.After is { } after && _isWanted(after))
        {
            _sink.Apply(new WatchEvent<T>(WatchEventKind.Put, version, JsonSerializer.Deserialize(after.Wire, _json)));
        }
        else if (entry.Before is { } before && _isWanted(before))
        {
            // A deletion, or a change that takes the object out of the selection: told with the last state and the newest version.
            var last = before.Json.DeepClone().AsObject();
            last["metadata"]!["resourceVersion"] = version;
            _sink.Apply(new WatchEvent<T>(WatchEventKind.Deleted, version, JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(last), _json)));
        }

        Schedule();
        _process.Wake();
    }
}
