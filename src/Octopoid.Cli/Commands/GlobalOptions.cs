using System.CommandLine;
using Octopoid.Cli.Output;

namespace Octopoid.Cli.Commands;

/// <summary>Options that every command has, as kubectl has them.</summary>
internal static class GlobalOptions
{
    public static Option<string?> Namespace { get; } = new("--namespace", "-n") { Description = "The namespace. Default: the context's.", Recursive = true };

    /// <summary>Only where more than one object is shown: an object is of one namespace.</summary>
    public static Option<bool> AllNamespaces { get; } = new("--all-namespaces", "-A") { Description = "All namespaces." };

    public static Option<string?> Context { get; } = new("--context") { Description = "The kubeconfig's context. Default: the current one.", Recursive = true };

    public static Option<string?> Kubeconfig { get; } = new("--kubeconfig") { Description = "The kubeconfig. Default: KUBECONFIG, else ~/.kube/config.", Recursive = true };

    public static Option<OutputFormat> Format { get; } = new("--output", "-o")
    {
        Description = "How to answer. Default: a table for people.",
        HelpName = "wide|json|yaml|name",
        Recursive = true,
        CustomParser = result => result.Tokens is [{ Value: var word }] && Enum.TryParse<OutputFormat>(word, ignoreCase: true, out var format) && !char.IsAsciiDigit(word[0])
            ? format
            : Refuse(result),
    };

    static GlobalOptions()
    {
        Format.CompletionSources.Clear();
        Format.CompletionSources.Add("wide", "json", "yaml", "name");
    }

    private static OutputFormat Refuse(System.CommandLine.Parsing.ArgumentResult result)
    {
        result.AddError("--output is one of wide, json, yaml and name.");
        return OutputFormat.Table;
    }
}
