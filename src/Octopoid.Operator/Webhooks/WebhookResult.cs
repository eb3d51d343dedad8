namespace Octopoid.Operator.Webhooks;

/// <summary>What became of a delivery.</summary>
internal enum WebhookResult
{
    /// <summary>Its repository is counted anew.</summary>
    Told,

    /// <summary>It is the forge's, and of nothing that is counted.</summary>
    Ignored,

    /// <summary>It is the forge's, and of a repository that no AgentRepository speaks of.</summary>
    Unknown,

    /// <summary>It has no proof.</summary>
    Unsigned,

    /// <summary>Its proof is not by any of our secrets.</summary>
    Forged,

    /// <summary>It is larger than what is read.</summary>
    TooLarge,

    /// <summary>It did not come to its end in time.</summary>
    TooSlow,

    /// <summary>It has proof, and its body is none of the forge's.</summary>
    Malformed,

    /// <summary>It is no POST of JSON to one of our paths.</summary>
    Unsupported,

    /// <summary>There is no secret to judge it by.</summary>
    NoSecret,

    /// <summary>This replica does not know yet what repositories there are.</summary>
    NotReady,

    /// <summary>Too many others are being read.</summary>
    Overloaded,

    /// <summary>Its sender went away.</summary>
    Aborted,
}
