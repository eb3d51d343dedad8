using System.Security.Cryptography;
using System.Text;

namespace Octopoid.Core.Admission;

/// <summary>The names that belong to an attempt. They follow from task and number alone, so that whoever makes the Job again makes the same (DESIGN §3).</summary>
public static class AttemptNames
{
    /// <summary>The part of a task's name that is kept: 40 characters leave room for hash and attempt in the 63 of a pod's host name.</summary>
    private const int KeptLength = 40;

    private const int LabelLength = 63;

    /// <summary>The name of an attempt's Job: <c>task-hash-attempt</c>.</summary>
    /// <param name="task">The task's name.</param>
    /// <param name="uid">The task's UID: a task made again under an old name never meets the old one's Job.</param>
    /// <param name="attempt">The attempt.</param>
    public static string Job(string task, string uid, int attempt) => $"{Stem(task)}-{Hash8(uid)}-{attempt}";

    /// <summary>The branch that a task's attempts work on: the prefix, then <c>task-hash</c>.</summary>
    /// <param name="prefix">The repository's branch prefix.</param>
    /// <param name="task">The task's name.</param>
    /// <param name="uid">The task's UID.</param>
    public static string Branch(string prefix, string task, string uid) => $"{prefix}{Stem(task)}-{Hash8(uid)}";

    /// <summary>The value of a label that holds a name: the name, or if that is too long, its beginning and its hash.</summary>
    /// <param name="name">The name.</param>
    public static string LabelValue(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Length <= LabelLength ? name : $"{name[..(LabelLength - 9)].TrimEnd('-', '.')}-{Hash8(name)}";
    }

    private static string Stem(string task)
    {
        ArgumentNullException.ThrowIfNull(task);
        var dashed = task.Replace('.', '-');
        return (dashed.Length <= KeptLength ? dashed : dashed[..KeptLength]).TrimEnd('-');
    }

    private static string Hash8(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..8];
}
