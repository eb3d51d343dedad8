using System.Globalization;
using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Octopoid.Cli.Migration;

/// <summary>Reads a YAML file into nodes that know their places. Size, depth and what aliases unfold to are bounded.</summary>
internal sealed class LegacyYaml
{
    private const int MostBytes = 4 << 20;
    private const int MostNodes = 100_000;
    private const int MostDepth = 64;

    private readonly string _file;
    private readonly IParser _parser;
    private readonly Dictionary<AnchorName, LegacyNode?> _anchors = [];
    private int _nodes;

    private LegacyYaml(string file, TextReader text) => (_file, _parser) = (file, new Parser(text));

    /// <summary>The mapping that a file consists of; an empty one for a file that says nothing.</summary>
    public static LegacyMap Read(string file)
    {
        var start = new SourcePosition(file, 1, 1);
        try
        {
            if (new FileInfo(file).Length > MostBytes)
            {
                throw start.Error("The file is larger than 4 MiB.");
            }

            var encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
            using var reader = new StreamReader(file, encoding, detectEncodingFromByteOrderMarks: true);
            return Parse(file, reader.ReadToEnd());
        }
        catch (DecoderFallbackException)
        {
            throw start.Error("The file is not UTF-8.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw start.Error($"The file cannot be read: {e.Message}");
        }
    }

    /// <summary>The same of a text.</summary>
    public static LegacyMap Parse(string file, string text)
    {
        try
        {
            return new LegacyYaml(file, new StringReader(text)).Document();
        }
        catch (YamlException e) when (Tab(text, e) is { } tab)
        {
            throw new SourcePosition(file, tab.Line, tab.Column).Error("A tab indents this line; YAML takes spaces only.");
        }
        catch (YamlException e)
        {
            throw new SourcePosition(file, Math.Max(1, e.Start.Line), Math.Max(1, e.Start.Column)).Error(Sentence(e));
        }
    }

    /// <summary>The tab that the parser stumbles over: it names the place where the mapping or the text began.</summary>
    private static (int Line, int Column)? Tab(string text, YamlException e) =>
        !e.Message.Contains(" tab", StringComparison.Ordinal) ? null
            : text.Split('\n').Index().Skip((int)Math.Max(0, e.Start.Line - 1))
                .Select(line => ((int Line, int Column)?)(line.Index + 1, line.Item[..^line.Item.TrimStart().Length].IndexOf('\t', StringComparison.Ordinal) + 1))
                .FirstOrDefault(place => place!.Value.Column > 0);

    /// <summary>The parser's words, without the place that it may put before them, and closed as a sentence.</summary>
    private static string Sentence(YamlException e)
    {
        var words = e.Message.StartsWith('(') && e.Message.IndexOf("): ", StringComparison.Ordinal) is >= 0 and var end ? e.Message[(end + 3)..] : e.Message;
        return words.EndsWith('.') ? words : $"{words}.";
    }

    private LegacyMap Document()
    {
        _parser.Consume<StreamStart>();
        if (_parser.Accept<StreamEnd>(out _))
        {
            return new LegacyMap([], new SourcePosition(_file, 1, 1), "", "", null);
        }

        _parser.Consume<DocumentStart>();
        var root = Node("", "", 0);
        _parser.Consume<DocumentEnd>();
        return _parser.Accept<DocumentStart>(out var second) ? throw At(second!).Error("The file has a second document; one is expected.")
            : root switch
            {
                LegacyMap map => map,
                LegacyScalar { IsNull: true } => new LegacyMap([], root.Position, "", "", null),
                _ => throw root.Error("must be a mapping."),
            };
    }

    private LegacyNode Node(string key, string path, int depth)
    {
        var start = _parser.Current!;
        Count(At(start), depth);
        if (_parser.TryConsume<AnchorAlias>(out var alias))
        {
            return !_anchors.TryGetValue(alias.Value, out var known) ? throw At(alias).Error($"The alias *{alias.Value} has no anchor before it.")
                : known is null ? throw At(alias).Error($"The alias *{alias.Value} stands in what it is an alias of.")
                : Copy(known, key, path, depth);
        }

        var anchor = _parser.Current is NodeEvent { Anchor.IsEmpty: false } anchored ? anchored.Anchor : AnchorName.Empty;
        if (!anchor.IsEmpty)
        {
            _anchors[anchor] = null;
        }

        LegacyNode node = start switch
        {
            Scalar => Text(_parser.Consume<Scalar>(), key, path),
            SequenceStart => List(key, path, depth),
            _ => Map(key, path, depth),
        };
        if (!anchor.IsEmpty)
        {
            _anchors[anchor] = node;
        }

        return node;
    }

    private LegacyScalar Text(Scalar scalar, string key, string path) => new(scalar.Value, scalar.Style == ScalarStyle.Plain, At(scalar), key, path, null);

    private LegacyList List(string key, string path, int depth)
    {
        var start = _parser.Consume<SequenceStart>();
        var items = new List<LegacyNode>();
        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            items.Add(Node(key, Join(path, items.Count), depth + 1));
        }

        return new LegacyList(items, At(start), key, path, null);
    }

    private LegacyMap Map(string key, string path, int depth)
    {
        var start = _parser.Consume<MappingStart>();
        var fields = new List<LegacyField>();
        var merged = new List<LegacyMap>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var place = At(_parser.Current!);
            var name = _parser.TryConsume<Scalar>(out var scalar) ? scalar.Value : throw place.Error("A key must be a text.");
            if (!seen.Add(name))
            {
                throw place.Error($"The key {Printable(name)} stands here a second time.");
            }

            if (name == "<<" && scalar.Style == ScalarStyle.Plain)
            {
                merged.AddRange(Merged(Node(key, path, depth + 1)));
            }
            else
            {
                fields.Add(new LegacyField(name, Node(name, Join(path, name), depth + 1)));
            }
        }

        return new LegacyMap([.. fields, .. Missing(fields, merged, path, depth)], At(start), key, path, null);
    }

    /// <summary>What <c>&lt;&lt;</c> brings: the first mapping that has a field wins, and the mapping's own fields before all.</summary>
    private List<LegacyField> Missing(List<LegacyField> own, List<LegacyMap> merged, string path, int depth)
    {
        var seen = own.Select(field => field.Key).ToHashSet(StringComparer.Ordinal);
        var missing = new List<LegacyField>();
        foreach (var field in merged.SelectMany(map => map.Fields))
        {
            if (seen.Add(field.Key))
            {
                missing.Add(new LegacyField(field.Key, Copy(field.Value, field.Key, Join(path, field.Key), depth + 1)));
            }
            else if (!field.Value.Origin.IsOfEntry)
            {
                field.Value.Settle();
            }
        }

        return missing;
    }

    private static IEnumerable<LegacyMap> Merged(LegacyNode node) => node switch
    {
        LegacyMap map => [map],
        LegacyList list => list.Items.SelectMany(Merged),
        _ => throw node.Position.Error("<< takes a mapping, or a list of them."),
    };

    private LegacyNode Copy(LegacyNode node, string key, string path, int depth)
    {
        Count(node.Position, depth);
        return node switch
        {
            LegacyScalar scalar => new LegacyScalar(scalar.Text, scalar.IsPlain, scalar.Position, key, path, scalar),
            LegacyList list => new LegacyList([.. list.Items.Select((item, i) => Copy(item, key, Join(path, i), depth + 1))], list.Position, key, path, list),
            LegacyMap map => new LegacyMap(
                [.. map.Fields.Select(field => new LegacyField(field.Key, Copy(field.Value, field.Key, Join(path, field.Key), depth + 1)))],
                map.Position,
                key,
                path,
                map),
            _ => throw new InvalidOperationException(),
        };
    }

    private void Count(SourcePosition place, int depth)
    {
        if (depth > MostDepth)
        {
            throw place.Error("The file is nested deeper than 64 levels.");
        }

        if (++_nodes > MostNodes)
        {
            throw place.Error("The file has more than 100,000 values, with what its aliases stand for.");
        }
    }

    private SourcePosition At(ParsingEvent parsed) => new(_file, parsed.Start.Line, parsed.Start.Column);

    private static string Join(string path, int index) => string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]");

    /// <summary>A key as it stands in a path: in quotes where it is not one word.</summary>
    private static string Join(string path, string key) =>
        key.Length > 0 && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-') ? (path.Length > 0 ? $"{path}.{key}" : key) : $"{path}[\"{Printable(key)}\"]";

    private static string Printable(string text) => MigrationReport.Printable(text);
}
