using System.Text.RegularExpressions;
using Octopoid.Testing;

namespace Octopoid.Operator.Tests.Running;

/// <summary>The chart's templates, which hold plain values and nothing else, so that they can be rendered without Helm.</summary>
internal static partial class Chart
{
    /// <summary>A template as it is installed into the operator's namespace, the namespace itself before it.</summary>
    public static async Task<string> RenderAsync(string template, CancellationToken cancellationToken)
    {
        var text = await File.ReadAllTextAsync(
            RepositoryRoot.Combine("charts", "octopoid-operator", "templates", template), cancellationToken);
        var rendered = Expression().Replace(text, match => match.Groups[1].Value switch
        {
            ".Release.Namespace" => ControlPlane.OperatorNamespace,
            ".Values.image" => "octopoid-operator:test",
            ".Values.resources.cpu" => "50m",
            ".Values.resources.memory" or ".Values.resources.memoryLimit" => "128Mi",
            var other => throw new InvalidOperationException($"{template} holds {other}, which nobody renders here."),
        });
        return $"---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: {ControlPlane.OperatorNamespace}}}\n---\n{rendered}";
    }

    [GeneratedRegex(@"\{\{ *(\S+) *\}\}")]
    private static partial Regex Expression();
}
