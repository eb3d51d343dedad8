namespace Octopoid.Kubernetes.Tests.Leases;

/// <summary>How a request fares.</summary>
internal enum Treatment
{
    /// <summary>It is answered.</summary>
    Fair,

    /// <summary>500, nothing done.</summary>
    Error,

    /// <summary>403, nothing done.</summary>
    Forbidden,

    /// <summary>429 and the wish to be asked again in a day, nothing done.</summary>
    Busy,

    /// <summary>Never answered, nothing done.</summary>
    Silence,

    /// <summary>The connection is reset, nothing done.</summary>
    Reset,

    /// <summary>Done, and never answered.</summary>
    LostAnswer,
}
