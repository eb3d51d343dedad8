namespace Octopoid.Operator.Forge;

/// <summary>Links in an answer's headers (RFC 8288).</summary>
internal static class LinkHeader
{
    /// <summary>Where the next page is; null where the forge names none of its own.</summary>
    public static Uri? Next(ForgeAnswer answer)
    {
        var links = answer.Headers.TryGetValues("Link", out var values) ? values.SelectMany(value => value.Split(',')) : [];
        foreach (var link in links)
        {
            var parts = link.Split(';', StringSplitOptions.TrimEntries);
            if (parts[0] is ['<', .. var target, '>']
                && parts.Skip(1).Any(part => part.Replace("\"", "", StringComparison.Ordinal).Equals("rel=next", StringComparison.OrdinalIgnoreCase))
                && Uri.TryCreate(answer.Address, target, out var next)
                && next.GetLeftPart(UriPartial.Authority).Equals(answer.Address.GetLeftPart(UriPartial.Authority), StringComparison.OrdinalIgnoreCase))
            {
                return next;
            }
        }

        return null;
    }
}
