using System.Text.Json.Serialization;
using Octopoid.Core.Kinds;
using Octopoid.Core.State;
using Octopoid.Kubernetes.Watching;

namespace Octopoid.Operator.Watch;

/// <summary>Reads watched objects into the records that are kept of them.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, MaxDepth = 1024, UseStringEnumConverter = true, Converters = [typeof(TimestampConverter)])]
[JsonSerializable(typeof(ObservedTask))]
[JsonSerializable(typeof(ResourceList<ObservedTask>), TypeInfoPropertyName = "TaskList")]
[JsonSerializable(typeof(ResourceList<ObservedEvent>), TypeInfoPropertyName = "EventList")]
[JsonSerializable(typeof(ObservedConfigMap))]
[JsonSerializable(typeof(ObservedSecret))]
[JsonSerializable(typeof(ObservedJob))]
[JsonSerializable(typeof(ResourceList<ObservedJob>), TypeInfoPropertyName = "JobList")]
[JsonSerializable(typeof(ObservedPod))]
[JsonSerializable(typeof(ResourceList<ObservedPod>), TypeInfoPropertyName = "PodList")]
[JsonSerializable(typeof(AgentBlueprint))]
[JsonSerializable(typeof(ResourceList<AgentBlueprint>), TypeInfoPropertyName = "BlueprintList")]
[JsonSerializable(typeof(AgentFlow))]
[JsonSerializable(typeof(ResourceList<AgentFlow>), TypeInfoPropertyName = "FlowList")]
[JsonSerializable(typeof(AgentRepository))]
[JsonSerializable(typeof(ResourceList<AgentRepository>), TypeInfoPropertyName = "RepositoryList")]
[JsonSerializable(typeof(AgentOrchestrator))]
[JsonSerializable(typeof(ResourceList<AgentOrchestrator>), TypeInfoPropertyName = "OrchestratorList")]
internal sealed partial class ObservedJson : JsonSerializerContext;
