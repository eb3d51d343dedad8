using System.Text.Json.Serialization;

namespace Octopoid.Core.Kinds;

/// <summary>
/// Reads and writes the five kinds and their lists without reflection: camel case, enums by name, nulls left out, unknown keys ignored.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    Converters = [typeof(TimestampConverter)])]
[JsonSerializable(typeof(AgentBlueprint))]
[JsonSerializable(typeof(AgentTask))]
[JsonSerializable(typeof(AgentFlow))]
[JsonSerializable(typeof(AgentRepository))]
[JsonSerializable(typeof(AgentOrchestrator))]
[JsonSerializable(typeof(ObjectList<AgentBlueprint>), TypeInfoPropertyName = "AgentBlueprintList")]
[JsonSerializable(typeof(ObjectList<AgentTask>), TypeInfoPropertyName = "AgentTaskList")]
[JsonSerializable(typeof(ObjectList<AgentFlow>), TypeInfoPropertyName = "AgentFlowList")]
[JsonSerializable(typeof(ObjectList<AgentRepository>), TypeInfoPropertyName = "AgentRepositoryList")]
[JsonSerializable(typeof(ObjectList<AgentOrchestrator>), TypeInfoPropertyName = "AgentOrchestratorList")]
public sealed partial class KindsJson : JsonSerializerContext;
