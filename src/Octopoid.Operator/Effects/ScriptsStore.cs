using System.Collections.Concurrent;
using Octopoid.Kubernetes.Leases;
using Octopoid.Kubernetes.Transport;
using Octopoid.Operator.Jobs;
using Octopoid.Operator.Watch;

namespace Octopoid.Operator.Effects;

/// <summary>Sees to it that the ConfigMaps of scripts are there, once each in a term: they are immutable and named by their content.</summary>
internal sealed class ScriptsStore(FencedTransport transport)
{
    private readonly ConcurrentDictionary<(string Namespace, string Name), bool> _known = new();

    /// <summary>Makes a ConfigMap if it is missing.</summary>
    /// <param name="scripts">The ConfigMap.</param>
    /// <param name="namespaceName">Where it is needed.</param>
    /// <param name="cancellationToken">Abandons it.</param>
    /// <exception cref="ApiException">It was refused, or one of its name holds something else: somebody's own scripts must not run as ours.</exception>
    public async Task EnsureAsync(ScriptsConfigMap scripts, string namespaceName, CancellationToken cancellationToken)
    {
        if (_known.ContainsKey((namespaceName, scripts.Name)))
        {
            return;
        }

        try
        {
            await transport.PostAsync(
                ResourcePaths.ConfigMaps.Collection(namespaceName), scripts.Body(), ObservedJson.Default.ObservedConfigMap, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            var found = await transport.GetAsync(
                ResourcePaths.ConfigMaps.Object(namespaceName, scripts.Name), ObservedJson.Default.ObservedConfigMap, cancellationToken)
                .ConfigureAwait(false);
            if (found.Immutable != true || !IsSame(found.Data, scripts.Data))
            {
                throw new ApiException(
                    System.Net.HttpStatusCode.UnprocessableEntity,
                    "Invalid",
                    $"The ConfigMap {scripts.Name} is there, but is not the one that its name stands for; delete it.",
                    null);
            }
        }

        _known[(namespaceName, scripts.Name)] = true;
    }

    /// <summary>Notes that an attempt could not start: somebody may have deleted what its pod was to be given.</summary>
    /// <param name="namespaceName">Where.</param>
    public void Forget(string namespaceName)
    {
        foreach (var known in _known.Keys.Where(known => known.Namespace == namespaceName))
        {
            _known.TryRemove(known, out _);
        }
    }

    private static bool IsSame(IReadOnlyDictionary<string, string>? found, IReadOnlyDictionary<string, string> wanted) =>
        found?.Count == wanted.Count && wanted.All(file => found.TryGetValue(file.Key, out var text) && text == file.Value);
}
