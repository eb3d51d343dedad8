using Octopoid.Core.Admission;
using Octopoid.Core.Flows;
using Octopoid.Core.Kinds;
using Octopoid.Core.PullRequests;

namespace Octopoid.Core.State;

/// <summary>What people have declared beside their tasks: blueprints, flows, repositories, the orchestrator.</summary>
internal sealed class Declarations
{
    private static readonly Flow BuiltIn = new(DefaultFlow.Spec, null);

    private readonly Dictionary<NamespacedName, AgentBlueprint> _blueprints = [];
    private readonly Dictionary<(string Namespace, string Role), int> _serving = [];
    private readonly Dictionary<NamespacedName, (AgentFlow Object, Flow Judged)> _flows = [];
    private readonly Dictionary<NamespacedName, AgentRepository> _repositories = [];
    private readonly Dictionary<NamespacedName, string> _sourceOf = [];
    private readonly Dictionary<string, Dictionary<NamespacedName, AgentRepository>> _sources = [];

    /// <summary>The orchestrator; null when there is none.</summary>
    public AgentOrchestrator? Orchestrator { get; set; }

    /// <summary>Every blueprint.</summary>
    public IReadOnlyCollection<AgentBlueprint> Blueprints => _blueprints.Values;

    /// <summary>Every repository.</summary>
    public IReadOnlyCollection<AgentRepository> Repositories => _repositories.Values;

    /// <summary>The same, those together that speak of the same pull requests.</summary>
    public IEnumerable<IReadOnlyCollection<AgentRepository>> Sources => _sources.Values.Select(source => source.Values);

    /// <summary>Every flow, without the built-in one.</summary>
    public IEnumerable<AgentFlow> Flows => _flows.Values.Select(flow => flow.Object);

    /// <summary>A blueprint by name, or null.</summary>
    public AgentBlueprint? FindBlueprint(NamespacedName key) => _blueprints.GetValueOrDefault(key);

    /// <summary>The blueprint whose name a label's value stands for, or null.</summary>
    public AgentBlueprint? FindByLabel(string namespaceName, string label) =>
        _blueprints.GetValueOrDefault(new NamespacedName(namespaceName, label))
        ?? _blueprints.FirstOrDefault(known => known.Key.Namespace == namespaceName && AttemptNames.LabelValue(known.Key.Name) == label).Value;

    /// <summary>The repository whose name a label's value stands for, whether there is one of that name or not; null where there is no label.</summary>
    public NamespacedName? FindRepositoryByLabel(string namespaceName, string? label) =>
        label is null ? null
        : _repositories.Keys.Where(known => known.Namespace == namespaceName && AttemptNames.LabelValue(known.Name) == label)
            .Select(known => (NamespacedName?)known).FirstOrDefault() ?? new NamespacedName(namespaceName, label);

    /// <summary>A repository by name, or null.</summary>
    public AgentRepository? FindRepository(NamespacedName key) => _repositories.GetValueOrDefault(key);

    /// <summary>What the pull requests of a repository are counted under: where no forge counts, each object has those of its own tasks.</summary>
    public string SourceOf(NamespacedName repository) => _sourceOf.GetValueOrDefault(repository) ?? repository.ToString();

    /// <summary>A repository, and the others that speak of the same pull requests.</summary>
    public IReadOnlyCollection<AgentRepository> NamesakesOf(AgentRepository repository) =>
        _sources.TryGetValue(SourceOf(RepositoryRules.Key(repository)), out var source) ? source.Values : [];

    /// <summary>A flow by name: an AgentFlow, else the built-in one of that name, else null.</summary>
    /// <param name="namespaceName">The namespace.</param>
    /// <param name="name">The name; null means the default.</param>
    public Flow? FindFlow(string namespaceName, string? name) =>
        _flows.TryGetValue(new NamespacedName(namespaceName, name ?? DefaultFlow.Name), out var flow) ? flow.Judged
        : name is null or DefaultFlow.Name ? BuiltIn
        : null;

    /// <summary>True when a blueprint serves a role, able to start now or not.</summary>
    public bool IsServed(string namespaceName, string role) => _serving.ContainsKey((namespaceName, role));

    /// <summary>Takes in a blueprint.</summary>
    /// <param name="fact">The blueprint.</param>
    /// <returns>The roles that begin to be served, or are served no more.</returns>
    public IReadOnlyList<string> See(Fact.BlueprintSeen fact)
    {
        var key = BlueprintRules.Key((fact.Current ?? fact.Previous)!);
        var known = _blueprints.GetValueOrDefault(key);
        string?[] roles = [known is null ? null : BlueprintRules.Role(known), fact.Current is null ? null : BlueprintRules.Role(fact.Current)];
        var before = roles.OfType<string>().Distinct().ToDictionary(role => role, role => IsServed(key.Namespace, role));
        Count(key.Namespace, roles[0], -1);
        Count(key.Namespace, roles[1], 1);
        Set(_blueprints, key, fact.Current);
        return [.. before.Where(role => IsServed(key.Namespace, role.Key) != role.Value).Select(role => role.Key)];
    }

    /// <summary>Takes in a flow.</summary>
    /// <param name="fact">The flow.</param>
    /// <returns>Where it is.</returns>
    public NamespacedName See(Fact.FlowSeen fact)
    {
        var key = Key((fact.Current ?? fact.Previous)!.Metadata);
        if (fact.Current is { } flow)
        {
            _flows[key] = (flow, new Flow(flow.Spec, FlowRules.Violation(flow.Spec)));
        }
        else
        {
            _flows.Remove(key);
        }

        return key;
    }

    /// <summary>Takes in a repository.</summary>
    /// <param name="fact">The repository.</param>
    /// <returns>Where it is.</returns>
    public NamespacedName See(Fact.RepositorySeen fact)
    {
        var key = Key((fact.Current ?? fact.Previous)!.Metadata);
        if (_sourceOf.Remove(key, out var left) && _sources[left].Remove(key) && _sources[left].Count == 0)
        {
            _sources.Remove(left);
        }

        Set(_repositories, key, fact.Current);
        if (fact.Current is { } repository)
        {
            _sourceOf[key] = RepositoryRules.Source(repository.Spec) ?? key.ToString();
            (_sources.TryGetValue(_sourceOf[key], out var entered) ? entered : _sources[_sourceOf[key]] = [])[key] = repository;
        }

        return key;
    }

    private void Count(string namespaceName, string? role, int change)
    {
        if (role is null)
        {
            return;
        }

        var count = _serving.GetValueOrDefault((namespaceName, role)) + change;
        if (count == 0)
        {
            _serving.Remove((namespaceName, role));
        }
        else
        {
            _serving[(namespaceName, role)] = count;
        }
    }

    private static void Set<T>(Dictionary<NamespacedName, T> all, NamespacedName key, T? value)
        where T : class
    {
        if (value is null)
        {
            all.Remove(key);
        }
        else
        {
            all[key] = value;
        }
    }

    private static NamespacedName Key(ObjectMeta metadata) => new(metadata.Namespace ?? "", metadata.Name);

    /// <summary>A flow, judged.</summary>
    /// <param name="Spec">What it says.</param>
    /// <param name="Violation">The rule that it breaks, one sentence; null when it is valid.</param>
    public sealed record Flow(AgentFlowSpec Spec, string? Violation);
}
