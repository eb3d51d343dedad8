using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Octopoid.Cli.Pools;
using Octopoid.Core.Kinds;

namespace Octopoid.Cli;

/// <summary>What is read and written beside the five kinds.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    Converters = [typeof(TimestampConverter)],
    WriteIndented = true)]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(JsonNode))]
[JsonSerializable(typeof(PoolView))]
[JsonSerializable(typeof(TaskView))]
internal sealed partial class CliJson : JsonSerializerContext;
