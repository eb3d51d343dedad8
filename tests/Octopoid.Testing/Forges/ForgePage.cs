using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace Octopoid.Testing.Forges;

/// <summary>The page of a list that a query asks for.</summary>
/// <param name="Size">How many items a page has.</param>
/// <param name="Number">Which page, from 1.</param>
/// <param name="Query">The query's other parameters, as they were written.</param>
internal sealed record ForgePage(int Size, int Number, string Query)
{
    /// <summary>Reads a query. What makes no sense in it counts as left out.</summary>
    /// <param name="url">The list's address, with the query.</param>
    /// <param name="format">Whose rules hold.</param>
    public static ForgePage Of(Uri url, ForgeFormat format = ForgeFormat.GitHub)
    {
        var (name, usual, maximum) = format switch
        {
            ForgeFormat.GitLab => ("per_page", 20, 100),
            ForgeFormat.Gitea => ("limit", 30, 50),
            _ => ("per_page", 30, 100),
        };
        var query = QueryHelpers.ParseQuery(url.Query);
        var others = url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Where(parameter => !parameter.StartsWith("page=", StringComparison.Ordinal) && parameter != "page");
        return new ForgePage(
            Math.Min(maximum, Positive(query.GetValueOrDefault(name)) ?? usual),
            Positive(query.GetValueOrDefault("page")) ?? 1,
            string.Join('&', others));
    }

    /// <summary>The items on the page.</summary>
    public IEnumerable<T> Of<T>(IEnumerable<T> items) => (long)Size * (Number - 1) is var skipped and < int.MaxValue
        ? items.Skip((int)skipped).Take(Size)
        : [];

    /// <summary>The Link header; null when the list has only the page that was asked for.</summary>
    /// <param name="address">The list's address without a query.</param>
    /// <param name="count">How many items the whole list has.</param>
    public string? Link(string address, int count)
    {
        var last = Math.Max(1, (count + Size - 1) / Size);
        var links = new List<string>();
        if (Number > 1)
        {
            links.Add(To(Math.Min(Number - 1, last), "prev"));
        }

        if (Number < last)
        {
            links.Add(To(Number + 1, "next"));
        }

        if (Number != last && last > 1)
        {
            links.Add(To(last, "last"));
        }

        if (Number > 1)
        {
            links.Add(To(1, "first"));
        }

        return links.Count == 0 ? null : string.Join(", ", links);

        string To(int page, string relation) =>
            $"<{address}?{(Query.Length == 0 ? "" : Query + "&")}page={page.ToString(CultureInfo.InvariantCulture)}>; rel=\"{relation}\"";
    }

    private static int? Positive(StringValues value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;
}
