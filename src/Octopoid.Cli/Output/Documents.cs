using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Octopoid.Cli.Output;

/// <summary>Writes what a command answers for programs: JSON or YAML.</summary>
internal static class Documents
{
    /// <summary>Writes a value.</summary>
    public static void Write<T>(TextWriter output, OutputFormat format, T value, JsonTypeInfo<T> json)
    {
        var node = JsonSerializer.SerializeToNode(value, json);
        if (format == OutputFormat.Json)
        {
            output.WriteLine(JsonSerializer.Serialize(node, CliJson.Default.JsonNode));
            return;
        }

        var emitter = new Emitter(output, new EmitterSettings().WithBestIndent(2).WithIndentedSequences().WithBestWidth(int.MaxValue));
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        Emit(emitter, node);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
    }

    private static void Emit(Emitter emitter, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject fields:
                emitter.Emit(new MappingStart());
                foreach (var (name, value) in fields)
                {
                    emitter.Emit(Text(name));
                    Emit(emitter, value);
                }

                emitter.Emit(new MappingEnd());
                break;
            case JsonArray items:
                emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, items.Count == 0 ? SequenceStyle.Flow : SequenceStyle.Block));
                foreach (var item in items)
                {
                    Emit(emitter, item);
                }

                emitter.Emit(new SequenceEnd());
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                emitter.Emit(Text(value.GetValue<string>()));
                break;
            default:
                emitter.Emit(new Scalar(node?.ToJsonString() ?? "null"));
                break;
        }
    }

    /// <summary>A text that a reader could take for a number, a truth or nothing is put in quotes; one of several lines keeps them.</summary>
    private static Scalar Text(string text)
    {
        var style = IsBlock(text) ? ScalarStyle.Literal
            : text.Length == 0 || text.Trim() != text || !IsPrintable(text) || IsAmbiguous(text) ? ScalarStyle.DoubleQuoted
            : ScalarStyle.Any;
        return new Scalar(AnchorName.Empty, TagName.Empty, text, style, isPlainImplicit: style == ScalarStyle.Any, isQuotedImplicit: true);
    }

    /// <summary>Several lines that a block gives back as they are: it begins with a word, and no line ends with spaces.</summary>
    private static bool IsBlock(string text) =>
        text.Contains('\n', StringComparison.Ordinal) && !char.IsWhiteSpace(text[0]) && text.Split('\n')[..^1].All(line => line.TrimEnd() == line)
        && text.Trim() == (text[^1] == '\n' ? text[..^1] : text) && text.Split('\n').All(IsPrintable);

    private static bool IsPrintable(string line) => line.All(c => c == '\t' || (!char.IsControl(c) && c is not ('\u2028' or '\u2029' or '\ufeff')));

    private static bool IsAmbiguous(string text) =>
        char.IsAsciiDigit(text[0]) || text[0] is '.' or '-' or '+' or '~' or '=' or '<'
        || text.ToLowerInvariant() is "true" or "false" or "yes" or "no" or "on" or "off" or "y" or "n" or "null";
}
