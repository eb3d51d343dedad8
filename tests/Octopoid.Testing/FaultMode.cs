namespace Octopoid.Testing;

/// <summary>What a <see cref="FaultProxy"/> does with connections, those that are open already too.</summary>
public enum FaultMode
{
    /// <summary>Passes on what comes.</summary>
    Forward,

    /// <summary>Takes connections and bytes and passes nothing on, as a network that loses every packet. What has come is passed on when it
    /// forwards again, as packets are that are sent again.</summary>
    Drop,

    /// <summary>Ends every connection by a reset, a new one as soon as it is taken.</summary>
    Reset,

    /// <summary>Ends every connection by a reset and listens no more, as a host whose server has died.</summary>
    Refuse,
}
