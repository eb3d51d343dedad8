using Spectre.Console;
using Spectre.Console.Rendering;

namespace Octopoid.Cli.Output;

/// <summary>Where people read: colours and widths on a terminal, plain text elsewhere (or where <c>NO_COLOR</c> is set, https://no-color.org).</summary>
internal sealed class Screen
{
    /// <summary>What is not read by eyes on a terminal must not be broken into its lines.</summary>
    private const int PlainWidth = 100_000;

    /// <summary>The heading of a column of sentences, which is broken into lines where it has to be.</summary>
    private const string Sentences = "WHY";

    private const int SentencesWidth = 20;
    private const int Gap = 3;

    private readonly TextWriter _output;
    private readonly int _width;
    private readonly bool _hasColors;

    /// <summary>Writes to a writer.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="width">How many columns a terminal has; null: it is none.</param>
    /// <param name="hasColors">True when colours are wanted.</param>
    public Screen(TextWriter output, int? width, bool hasColors)
    {
        (_output, _width, _hasColors) = (output, width ?? PlainWidth, hasColors);
        IsTerminal = width is not null;
    }

    /// <summary>True when somebody looks.</summary>
    public bool IsTerminal { get; }

    /// <summary>The screen that this process has.</summary>
    public static Screen Standard()
    {
        var isTerminal = !Console.IsOutputRedirected;
        return new Screen(
            Console.Out,
            isTerminal && Console.WindowWidth > 0 ? Console.WindowWidth : null,
            isTerminal && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")));
    }

    /// <summary>Writes a sentence; words are kept whole.</summary>
    public void Line(string text = "") => Write(new Text(Clean(text)));

    /// <summary>Writes a line as it is: a command that is to be copied.</summary>
    public void Command(string text) => _output.WriteLine(Clean(text));

    /// <summary>Writes a sentence that is to be seen first.</summary>
    public void Warning(string text) => Write(new Text(Clean(text), new Style(Color.Yellow)));

    /// <summary>Writes a heading.</summary>
    public void Heading(string text)
    {
        Line();
        Write(new Text(text, new Style(decoration: Decoration.Bold)));
    }

    /// <summary>Writes a table in kubectl's manner: no lines, a heading for each column. Empty columns are left out.</summary>
    public void Table(IReadOnlyList<string> headings, IEnumerable<IReadOnlyList<string?>> rows)
    {
        var all = rows.ToList();
        var shown = Enumerable.Range(0, headings.Count).Where(column => all.Any(row => !string.IsNullOrEmpty(row[column]))).ToList();
        var wraps = shown.Count > 0 && headings[shown[^1]] == Sentences;
        while (shown.Count > (wraps ? 2 : 1) && shown.Sum(WidthOf) > _width)
        {
            // The least important stands to the right; what is left out, a wider terminal shows.
            shown.RemoveAt(wraps ? shown.Count - 2 : shown.Count - 1);
        }

        var table = new Table().NoBorder();
        foreach (var column in shown)
        {
            var made = new TableColumn(new Text(headings[column], Style.Plain)).Padding(0, 0, column == shown[^1] ? 0 : Gap, 0);
            table.AddColumn(headings[column] == Sentences ? made : made.NoWrap());
        }

        foreach (var row in all)
        {
            table.AddRow(shown.Select(column => new Text(Clean(row[column] ?? ""), StyleOf(headings[column], row[column]))));
        }

        Write(table);

        int WidthOf(int column) =>
            headings[column] == Sentences ? SentencesWidth : Gap + all.Select(row => Clean(row[column] ?? "").Length).Append(headings[column].Length).Max();
    }

    /// <summary>Takes away what is on the terminal.</summary>
    public void Clear()
    {
        if (IsTerminal)
        {
            _output.Write("\e[H\e[2J");
        }
    }

    /// <summary>Writes what Spectre lays out, without the blanks that it fills lines with.</summary>
    private void Write(IRenderable what)
    {
        using var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(text),
            Ansi = _hasColors ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = _hasColors ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
        });
        console.Profile.Width = _width;
        console.Write(what);
        foreach (var line in text.ToString().TrimEnd('\n').Split('\n'))
        {
            _output.WriteLine(line.TrimEnd());
        }
    }

    /// <summary>Titles, comments and branches are other people's: nothing of theirs must steer the terminal.</summary>
    private static string Clean(string text) => text.Any(IsControl) ? string.Concat(text.Select(c => IsControl(c) ? '\uFFFD' : c)) : text;

    private static bool IsControl(char c) => char.IsControl(c) && c is not ('\n' or '\t');

    private static Style StyleOf(string heading, string? value) => heading is not ("STATE" or "GATE" or "OUTCOME") ? Style.Plain
        : value switch
        {
            "Running" or "Open" or "done" or "Done" or "Approved" => new Style(Color.Green),
            "Degraded" or "Invalid" or "failed" or "Failed" => new Style(Color.Red),
            "Backpressured" or "AtCapacity" or "Paused" or "Closed" or "Rejected" => new Style(Color.Yellow),
            _ => Style.Plain,
        };
}
