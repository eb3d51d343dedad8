using System.Globalization;

namespace Octopoid.Cli.Migration;

/// <summary>A place in a file, as compilers write it.</summary>
internal readonly record struct SourcePosition(string File, long Line, long Column)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}:{Column}");

    /// <summary>What ends the migration: a sentence at this place.</summary>
    public CliException Error(string sentence) => new($"{this}: {sentence}");
}

/// <summary>A value that was read: it knows its place, its path, and whether the conversion has asked for it.</summary>
/// <param name="position">Where it begins.</param>
/// <param name="key">The nearest key above it.</param>
/// <param name="path">The keys that lead to it.</param>
/// <param name="origin">What it is an alias of; what is asked of one is asked of both.</param>
internal abstract class LegacyNode(SourcePosition position, string key, string path, LegacyNode? origin)
{
    public SourcePosition Position => position;

    public string Key => key;

    public string Path => path;

    public bool IsUsed { get; private set; }

    /// <summary>The value on one line, for the report and for comparing.</summary>
    public abstract string Line { get; }

    /// <summary>The values in it that nothing has asked for.</summary>
    public abstract IEnumerable<LegacyNode> Unused();

    public void Use()
    {
        IsUsed = true;
        origin?.Use();
    }

    /// <summary>Takes all that is in it as asked for.</summary>
    public virtual void UseAll() => Use();

    /// <summary>Takes all that is in it as told of. What it is an alias of is told of with it, unless that is an entry's own.</summary>
    public virtual void Settle()
    {
        IsUsed = true;
        if (IsAlias && !Origin.IsOfEntry)
        {
            Origin.Settle();
        }
    }

    /// <summary>True of a value in an entry of <c>agents</c> or <c>fleet</c>, which is lost for itself whoever else merges it.</summary>
    public bool IsOfEntry => path.StartsWith("agents", StringComparison.Ordinal) || path.StartsWith("fleet", StringComparison.Ordinal);

    public bool IsAlias => origin is not null;

    /// <summary>What it is an alias of, else itself.</summary>
    public LegacyNode Origin => origin?.Origin ?? this;

    /// <summary>How many entries have a field of their own in this one's place.</summary>
    public int HiddenBy { get; private set; }

    public void Hide() => HiddenBy++;

    public CliException Error(string sentence) => position.Error($"{(path.Length > 0 ? path : "The file")} {sentence}");
}

/// <summary>A text, number, truth or nothing.</summary>
internal sealed class LegacyScalar(string text, bool isPlain, SourcePosition position, string key, string path, LegacyNode? origin)
    : LegacyNode(position, key, path, origin)
{
    public string Text => text;

    public bool IsPlain => isPlain;

    public bool IsNull => isPlain && text is "" or "~" or "null" or "Null" or "NULL";

    public override string Line => text;

    public override IEnumerable<LegacyNode> Unused() => IsUsed || IsNull ? [] : [this];
}

/// <summary>A sequence.</summary>
internal sealed class LegacyList(IReadOnlyList<LegacyNode> items, SourcePosition position, string key, string path, LegacyNode? origin)
    : LegacyNode(position, key, path, origin)
{
    public IReadOnlyList<LegacyNode> Items => items;

    public override string Line => $"[{string.Join(", ", items.Select(item => item.Line))}]";

    public override IEnumerable<LegacyNode> Unused() =>
        IsUsed || items.Any(item => item is not LegacyScalar) ? items.SelectMany(item => item.Unused()) : [this];

    public override void UseAll()
    {
        Use();
        foreach (var item in items)
        {
            item.UseAll();
        }
    }

    public override void Settle()
    {
        base.Settle();
        foreach (var item in items)
        {
            item.Settle();
        }
    }
}

/// <summary>A key and its value.</summary>
internal sealed record LegacyField(string Key, LegacyNode Value);

/// <summary>A mapping. Each read of a field is noted, so that what nobody has read can be told at the end.</summary>
internal sealed class LegacyMap(IReadOnlyList<LegacyField> fields, SourcePosition position, string key, string path, LegacyNode? origin)
    : LegacyNode(position, key, path, origin)
{
    private int _readers;

    public IReadOnlyList<LegacyField> Fields => fields;

    public override string Line => $"{{{string.Join(", ", fields.Select(item => $"{item.Key}: {item.Value.Line}"))}}}";

    public override IEnumerable<LegacyNode> Unused() =>
        fields.Count == 0 && !IsUsed ? [this]
            : fields.Where(field => _readers == 0 || field.Value.HiddenBy < _readers).SelectMany(field => field.Value.Unused());

    public override void UseAll()
    {
        Use();
        foreach (var field in fields)
        {
            field.Value.UseAll();
        }
    }

    public override void Settle()
    {
        base.Settle();
        foreach (var field in fields)
        {
            field.Value.Settle();
        }
    }

    /// <summary>This mapping with another's fields where it has none itself. What all that stand over the other hide is settled.</summary>
    public LegacyMap Over(LegacyMap defaults)
    {
        var own = fields.Select(field => field.Key).ToHashSet(StringComparer.Ordinal);
        foreach (var hidden in defaults.Fields.Where(field => own.Contains(field.Key)))
        {
            hidden.Value.Hide();
        }

        defaults._readers++;
        return new LegacyMap([.. fields, .. defaults.Fields.Where(field => !own.Contains(field.Key))], Position, Key, Path, this);
    }

    /// <summary>A field's value, without asking for it; null where it is absent or null.</summary>
    public LegacyNode? Peek(string name) =>
        fields.FirstOrDefault(field => field.Key == name)?.Value is { } value and not LegacyScalar { IsNull: true } ? value : null;

    public LegacyNode? Take(string name)
    {
        var value = Peek(name);
        value?.Use();
        return value;
    }

    public LegacyMap? Map(string name) => Take(name) switch
    {
        null => null,
        LegacyMap map => map,
        var other => throw other.Error("must be a mapping."),
    };

    /// <summary>A text that its reader may still refuse to take: nothing is asked for yet.</summary>
    public LegacyScalar? Scalar(string name) => Peek(name) switch
    {
        null => null,
        LegacyScalar scalar => scalar,
        var other => throw other.Error("must be a text."),
    };

    public string? Text(string name)
    {
        var scalar = Scalar(name);
        scalar?.Use();
        return scalar?.Text;
    }

    /// <summary>The texts of a list, or the one text that stands in its place.</summary>
    public IReadOnlyList<LegacyScalar> Texts(string name) => Take(name) switch
    {
        null => [],
        LegacyScalar one => [one],
        LegacyList list => [.. list.Items.Select(item => item as LegacyScalar ?? throw item.Error("must be a text."))],
        var other => throw other.Error("must be a list."),
    };

    public int? Whole(string name, int least, int most)
    {
        var scalar = Scalar(name);
        scalar?.Use();
        return scalar is null ? null
            : int.TryParse(scalar.Text.Replace("_", "", StringComparison.Ordinal), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
                && value >= least && value <= most ? value
            : throw scalar.Error(string.Create(CultureInfo.InvariantCulture, $"must be a whole number from {least} to {most}."));
    }

    /// <summary>A truth, in all the words of YAML 1.1, which the files were written for.</summary>
    public bool? Flag(string name)
    {
        var scalar = Scalar(name);
        scalar?.Use();
        return scalar?.Text.ToLowerInvariant() switch
        {
            null => null,
            "true" or "yes" or "on" => true,
            "false" or "no" or "off" => false,
            _ => throw scalar.Error("must be true or false."),
        };
    }
}
