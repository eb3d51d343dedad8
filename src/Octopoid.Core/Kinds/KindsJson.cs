using System.Text.Json.Serialization;

namespace Octopoid.Core.Kinds;

/// <summary>
/// Reads and writes the five kinds and their lists without reflection: camel case, enums by name, nulls left out, unknown keys ignored.
/// </summary>
/// <remarks>
/// The generated reader gives every init-only property a value, null or 0 where the key is missing, so an initializer alone would be
/// lost. A default that is not null or 0 therefore stands where the reader keeps it: as a record's parameter, or in the setter.
/// </remarks>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, MaxDepth = 1024,
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
