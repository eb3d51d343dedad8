using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Octopoid.Kubernetes.Transport;

namespace Octopoid.Kubernetes.Watching;

/// <summary>Keeps a store equal to what the API server has of one resource, and tells its handlers of every change.</summary>
/// <remarks>
/// Handlers are called in order, never twice at once, under the informer's lock: they must not block, nor throw. Whatever goes wrong, the
/// informer goes on.
/// </remarks>
/// <typeparam name="T">The object's type.</typeparam>
public sealed class Informer<T> : IReflectorSink<T>
    where T : class
{
    private readonly WatchedResource<T> _resource;
    private readonly Reflector<T> _reflector;
    private readonly ObjectStore<T> _store;
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ImmutableArray<Registration> _registrations = [];

    /// <summary>Makes an informer; <see cref="RunAsync"/> starts it.</summary>
    /// <param name="transport">Where the requests go.</param>
    /// <param name="resource">What to watch.</param>
    /// <param name="time">The clock of pauses and watchdog.</param>
    /// <param name="jitter">Keeps informers apart.</param>
    /// <param name="failures">Keeps the log from repeating itself.</param>
    /// <param name="logger">Where failures are told.</param>
    public Informer(
        ApiTransport transport, WatchedResource<T> resource, TimeProvider time, Jitter jitter, FailureLog failures, ILogger<Informer<T>> logger)
    {
        ArgumentNullException.ThrowIfNull(resource);
        _resource = resource;
        _store = new ObjectStore<T>(resource.Identify);
        _reflector = new Reflector<T>(transport, resource, this, time, jitter, failures, logger);
    }

    /// <summary>What is watched.</summary>
    public ResourcePath Resource => _resource.Path;

    /// <summary>What is known.</summary>
    public ILister<T> Lister => _store;

    /// <summary>Completes when the first whole list has been handed to the handlers.</summary>
    public Task Synced => _synced.Task;

    /// <summary>Why the resource cannot be followed at present, a sentence; null when it can.</summary>
    public string? Failure => _reflector.Failure;

    /// <summary>How long ago the API server last said anything of the resource: a list, an event, a bookmark; null before the first.</summary>
    public TimeSpan? Silence => _reflector.Silence;

    /// <summary>Adds a handler: told at once of all that is known, as added, and then of every change.</summary>
    /// <param name="handler">The handler.</param>
    /// <returns>Disposed, it ends the telling; no call is under way after that.</returns>
    public IDisposable Register(Action<IReadOnlyList<ObjectChange<T>>> handler)
    {
        var registration = new Registration(this, handler);
        lock (_gate)
        {
            _registrations = _registrations.Add(registration);
            if (_store.Count > 0)
            {
                handler([.. _store.Objects.Select(known => new ObjectChange<T>(null, known))]);
            }
        }

        return registration;
    }

    /// <summary>Adds an index by which objects are found.</summary>
    /// <param name="value">The value that objects are found by; null leaves one out.</param>
    public ObjectIndex<T> AddIndex(Func<T, string?> value)
    {
        lock (_gate)
        {
            return _store.AddIndex(value);
        }
    }

    /// <summary>Takes the answer of a write of our own as if the watch had brought it, so that nobody decides by a state that we know is past.</summary>
    /// <param name="written">The object as the server answered.</param>
    public void Observe(T written) => Change(store => store.Observe(written));

    /// <summary>Lists the resource anew, consistently. Once it completes, handlers have been told of all that was so when it was called.</summary>
    /// <param name="cancellationToken">Ends the wait; the list is made all the same.</param>
    public Task RelistAsync(CancellationToken cancellationToken) => _reflector.RelistAsync().WaitAsync(cancellationToken);

    /// <summary>Lists and watches until the token is cancelled.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    public Task RunAsync(CancellationToken cancellationToken) => _reflector.RunAsync(cancellationToken);

    /// <inheritdoc/>
    string? IReflectorSink<T>.Newest
    {
        get
        {
            lock (_gate)
            {
                return _store.Newest;
            }
        }
    }

    /// <inheritdoc/>
    void IReflectorSink<T>.Replace(IReadOnlyCollection<T> objects, string version, string? known)
    {
        Change(store => store.Replace(objects, version, known));
        _synced.TrySetResult();
    }

    /// <inheritdoc/>
    void IReflectorSink<T>.Apply(WatchEvent<T> line) => Change(store =>
    {
        if (line.ResourceVersion is { } version)
        {
            // Before the change: what a write answers in between must not bring back what this line deletes.
            store.Advance(version);
        }

        return line switch
        {
            { Kind: WatchEventKind.Put, Object: { } current } => store.Put(current),
            { Kind: WatchEventKind.Deleted, Object: { } last } => store.Remove(last),
            { Kind: WatchEventKind.Deleted, Gone: { } last } => store.Remove(last),
            _ => [],
        };
    });

    private void Change(Func<ObjectStore<T>, IReadOnlyList<ObjectChange<T>>> change)
    {
        lock (_gate)
        {
            var changes = change(_store);
            if (changes.Count > 0)
            {
                // A copy, and asked again: a handler may end itself or another.
                foreach (var registration in _registrations)
                {
                    registration.Tell(changes);
                }
            }
        }
    }

    private sealed class Registration(Informer<T> informer, Action<IReadOnlyList<ObjectChange<T>>> handler) : IDisposable
    {
        public void Tell(IReadOnlyList<ObjectChange<T>> changes)
        {
            if (informer._registrations.Contains(this))
            {
                handler(changes);
            }
        }

        public void Dispose()
        {
            lock (informer._gate)
            {
                informer._registrations = informer._registrations.Remove(this);
            }
        }
    }
}
