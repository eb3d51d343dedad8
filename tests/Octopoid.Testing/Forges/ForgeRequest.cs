namespace Octopoid.Testing.Forges;

/// <summary>A request that a <see cref="TestForge"/> got.</summary>
public sealed record ForgeRequest
{
    /// <summary>Which one it is, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>When it came, by the TimeProvider, whatever the forge's clock says.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>E.g. <c>GET</c>.</summary>
    public required string Method { get; init; }

    /// <summary>What it asked for, absolute, with the host that the client named.</summary>
    public required Uri Url { get; init; }

    /// <summary>The value of its If-None-Match header; null without one.</summary>
    public string? IfNoneMatch { get; init; }

    /// <summary>The label of the credential that it carried, <c>unknown</c> for one that the forge never had; null without one.</summary>
    public string? Credential { get; init; }

    /// <summary>The value of its User-Agent header; empty without one.</summary>
    public string UserAgent { get; init; } = "";

    /// <summary>The value of its Accept header; empty without one.</summary>
    public string Accept { get; init; } = "";

    /// <summary>The value of its X-GitHub-Api-Version header; empty without one.</summary>
    public string ApiVersion { get; init; } = "";

    /// <summary>True when its target was in absolute form, as a proxy gets it.</summary>
    public bool IsProxied { get; init; }

    /// <summary>True when a fault met it.</summary>
    public bool IsFaulted { get; init; }

    /// <summary>The status of its answer; null until it is answered, and for ever when it is not.</summary>
    public int? Status { get; init; }

    /// <summary>Its path, with the API's root.</summary>
    public string Path => Url.AbsolutePath;

    /// <summary>Its path and query.</summary>
    public string PathAndQuery => Url.PathAndQuery;

    /// <summary>True when it carried an If-None-Match header.</summary>
    public bool IsConditional => IfNoneMatch is not null;

    /// <summary>True when it carried a credential, a right or a wrong one.</summary>
    public bool HasCredential => Credential is not null;

    /// <summary>The API's root, on the host that the client named.</summary>
    internal string ApiRoot => Url.GetLeftPart(UriPartial.Authority) + ForgeFormats.Root(Format);

    /// <summary>The wire format that it is in.</summary>
    internal ForgeFormat Format => ForgeFormats.Of(Path);
}
