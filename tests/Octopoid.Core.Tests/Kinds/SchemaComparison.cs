using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Octopoid.Core.Kinds;

namespace Octopoid.Core.Tests.Kinds;

/// <summary>
/// Walks a schema and the C# type that stands for it side by side, as the serializer sees that type, and lists each difference.
/// </summary>
internal sealed class SchemaComparison
{
    private readonly NullabilityInfoContext _nullability = new();
    private readonly List<string> _differences = [];

    public static IReadOnlyList<string> Differences(Crd crd, Type type)
    {
        var comparison = new SchemaComparison();
        comparison.CompareRoot(new SchemaNode(crd.Schema), type);
        return comparison._differences;
    }

    private static JsonTypeInfo TypeInfo(Type type) =>
        KindsJson.Default.GetTypeInfo(type) ?? throw new InvalidOperationException($"{type} is not in KindsJson.");

    // Not a new one: what counts is what the reader makes of missing keys.
    private static object ReadEmpty(Type type) => JsonSerializer.Deserialize("{}", TypeInfo(type))!;

    private void CompareRoot(SchemaNode schema, Type type)
    {
        // Metadata is the API server's, and a schema may say nothing of it but bounds of the name.
        CompareNames("", schema, TypeInfo(type));
        var instance = ReadEmpty(type);
        foreach (var property in TypeInfo(type).Properties.Where(p => p.Name is "spec" or "status"))
        {
            if (schema.Properties.TryGetValue(property.Name, out var node))
            {
                Compare(property.Name, node, property.PropertyType, property.Get!(instance), inStatus: property.Name == "status");
            }
        }
    }

    private void Compare(string path, SchemaNode schema, Type declared, object? value, bool inStatus)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        var expected = Describe(schema);
        var actual = Describe(type);
        if (expected != actual)
        {
            _differences.Add($"{path}: the schema says {expected}, C# {actual}");
            return;
        }

        switch (expected)
        {
            case "list":
                Compare($"{path}[]", schema.Items!, type.GetGenericArguments()[0], null, inStatus);
                break;
            case "map":
                Compare($"{path}{{}}", schema.Values!, type.GetGenericArguments()[1], null, inStatus);
                break;
            case "enum":
                CompareMembers(path, schema, type);
                break;
            case "object":
                CompareProperties(path, schema, type, value ?? ReadEmpty(type), inStatus);
                break;
        }
    }

    private void CompareProperties(string path, SchemaNode schema, Type type, object instance, bool inStatus)
    {
        var info = TypeInfo(type);
        CompareNames(path, schema, info);
        foreach (var property in info.Properties)
        {
            if (!schema.Properties.TryGetValue(property.Name, out var node))
            {
                continue;
            }

            var childPath = $"{path}.{property.Name}";
            var value = property.Get!(instance);
            CompareOptionality(childPath, node, schema.Required.Contains(property.Name), property, inStatus);
            CompareDefault(childPath, node, schema.Required.Contains(property.Name), property, value, inStatus);
            Compare(childPath, node, property.PropertyType, value, inStatus);
        }
    }

    private void CompareNames(string path, SchemaNode schema, JsonTypeInfo info)
    {
        var names = info.Properties.Select(p => p.Name).ToList();
        _differences.AddRange(schema.Properties.Keys.Except(names).Select(name => $"{path}.{name}: only in the schema"));
        _differences.AddRange(names.Except(schema.Properties.Keys).Select(name => $"{path}.{name}: only in C#"));
    }

    // In a status all is optional to C#: what is not set must not be sent. In a spec, a value that is always there is not nullable.
    private void CompareOptionality(string path, SchemaNode schema, bool required, JsonPropertyInfo property, bool inStatus)
    {
        var expected = inStatus || schema.Nullable || !(required || schema.Has("default"));
        var actual = _nullability.Create((PropertyInfo)property.AttributeProvider!).WriteState == NullabilityState.Nullable;
        if (expected != actual)
        {
            _differences.Add($"{path}: must be {(expected ? "nullable" : "not nullable")} in C#");
        }
    }

    private void CompareDefault(string path, SchemaNode schema, bool required, JsonPropertyInfo property, object? value, bool inStatus)
    {
        if (required || schema.Type == "object")
        {
            return;
        }

        var expected = inStatus ? null : schema.Scalar("default");
        var actual = value is null ? null : JsonSerializer.Serialize(value, TypeInfo(property.PropertyType)).Trim('"');
        if (expected != actual)
        {
            _differences.Add($"{path}: the schema's default is {expected ?? "none"}, C#'s {actual ?? "none"}");
        }
    }

    private void CompareMembers(string path, SchemaNode schema, Type type)
    {
        var members = Enum.GetValues(type).Cast<object>().Select(v => JsonSerializer.Serialize(v, TypeInfo(type)).Trim('"')).ToList();
        if (!members.SequenceEqual(schema.Enum!))
        {
            _differences.Add($"{path}: the schema's members are {string.Join(", ", schema.Enum!)}, C#'s {string.Join(", ", members)}");
        }
    }

    private static string Describe(SchemaNode schema) => schema switch
    {
        { IsOpaque: true } => "opaque",
        { Type: "string", Enum: not null } => "enum",
        { Type: "string", Format: "date-time" } => "moment",
        { Type: "object", Values: not null } => "map",
        { Type: "array" } => "list",
        { Type: "integer", Format: var format } => format ?? "integer without a format",
        { Type: var type } => type ?? "nothing",
    };

    private static string Describe(Type type) => type switch
    {
        _ when type == typeof(JsonElement) => "opaque",
        _ when type.IsEnum => "enum",
        _ when type == typeof(DateTimeOffset) => "moment",
        _ when type == typeof(string) => "string",
        _ when type == typeof(int) => "int32",
        _ when type == typeof(long) => "int64",
        _ when type == typeof(bool) => "boolean",
        { IsGenericType: true } when type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) => "list",
        { IsGenericType: true } when type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>) => "map",
        _ when type.Namespace == typeof(AgentTask).Namespace => "object",
        _ => type.Name,
    };
}
