using System.Globalization;
using Octopoid.Testing.Forges;

namespace Octopoid.Operator.Tests.Forge;

/// <summary>Troubles of a forge, one after the other, by a seed.</summary>
internal sealed class ForgeWeather(CountingClient client, ForgePool pool, Random random)
{
    private DateTimeOffset _next = client.Time.GetUtcNow() + TimeSpan.FromSeconds(random.Next(30, 600));

    /// <summary>When it changes next.</summary>
    public DateTimeOffset Next => _next;

    /// <summary>The trouble that there is; null in good weather.</summary>
    public string? Trouble { get; private set; }

    /// <summary>When the last trouble ended, or is to end: at first, when the forge was first there.</summary>
    public DateTimeOffset GoodSince { get; private set; } = client.Time.GetUtcNow();

    public int Troubles { get; private set; }

    /// <summary>Changes, when it is time to.</summary>
    public void Turn()
    {
        var now = client.Time.GetUtcNow();
        if (now < _next)
        {
            return;
        }

        if (Trouble is not null)
        {
            client.Forge.Faults.Clear();
            if (Trouble == "revoked")
            {
                Renew();
            }

            pool.IsHanging = false;
            (Trouble, GoodSince, _next) = (null, now, now + TimeSpan.FromSeconds(random.Next(200, 900)));
            return;
        }

        _next = now + TimeSpan.FromSeconds(random.Next(5, 700));
        Troubles++;
        string[] kinds = ["502", "503", "html", "hang", "reset", "404", "secondary", "date", "quota", "revoked", "skew"];
        Trouble = kinds[random.Next(kinds.Length)];
        var end = _next;
        client.Forge.Faults.Clear();
        switch (Trouble)
        {
            case "502": client.Forge.Faults.Always(ForgeFault.Error(502)); break;
            case "503": client.Forge.Faults.Each(request => request.Index % 2 == 0 ? ForgeFault.Error(503) : null); break;
            case "html": client.Forge.Faults.Always(ForgeFault.Html()); break;
            case "reset": client.Forge.Faults.Always(ForgeFault.Reset()); break;
            case "404": client.Forge.Faults.Always(ForgeFault.NotFound()); break;
            case "secondary": client.Forge.Faults.Each(_ => ForgeFault.SecondaryLimit(403, Math.Ceiling((end - Now).TotalSeconds).ToString(CultureInfo.InvariantCulture))); break;
            case "date": client.Forge.Faults.Each(_ => ForgeFault.SecondaryLimit(429, end + client.Forge.ForgeClockSkew)); break;
            case "quota": client.Forge.Faults.Each(_ => Exhausted(end + client.Forge.ForgeClockSkew)); break;
            case "revoked": client.Forge.RevokeToken("the token"); break;
            case "skew": client.Forge.ForgeClockSkew = TimeSpan.FromSeconds(random.Next(-3600, 3600)); break;
            default:
                pool.IsHanging = true;
                client.Forge.Faults.Always(ForgeFault.Hang());
                break;
        }
    }

    /// <summary>A new token, in the Secret too.</summary>
    public void Renew()
    {
        var token = $"ghp_{random.Next()}";
        client.Forge.AddToken(token, label: "the token");
        client.Secrets.Put(CountingClient.SecretName, new Dictionary<string, string> { ["token"] = token });
    }

    private DateTimeOffset Now => client.Time.GetUtcNow();

    private static ForgeFault Exhausted(DateTimeOffset reset) => ForgeFault.Answer(new ForgeAnswer(403, "{\"message\":\"API rate limit exceeded for user ID 1.\"}")
        .With("x-ratelimit-limit", "5000").With("x-ratelimit-remaining", "0")
        .With("x-ratelimit-reset", Math.Ceiling(reset.ToUnixTimeMilliseconds() / 1000d).ToString(CultureInfo.InvariantCulture)));
}
