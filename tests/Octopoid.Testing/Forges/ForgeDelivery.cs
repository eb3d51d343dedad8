namespace Octopoid.Testing.Forges;

/// <summary>How an answer comes to the client.</summary>
internal enum ForgeDelivery
{
    /// <summary>At once and whole.</summary>
    Whole,

    /// <summary>Not at all, until the client goes away.</summary>
    Never,

    /// <summary>Not at all: the connection is reset.</summary>
    Reset,

    /// <summary>The headers and half of the body, then the connection is reset.</summary>
    Half,

    /// <summary>The headers at once, the body byte by byte.</summary>
    Slow,

    /// <summary>The headers at once, the body never, until the client goes away.</summary>
    HeadersOnly,
}
