namespace Octopoid.Cli.Output;

/// <summary>How a command answers, as kubectl's <c>-o</c>.</summary>
internal enum OutputFormat
{
    /// <summary>For people.</summary>
    Table,

    /// <summary>For people with a wide screen.</summary>
    Wide,

    /// <summary>JSON.</summary>
    Json,

    /// <summary>YAML.</summary>
    Yaml,

    /// <summary>The names alone.</summary>
    Name,
}
