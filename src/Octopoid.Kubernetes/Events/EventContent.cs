namespace Octopoid.Kubernetes.Events;

/// <summary>What an Event says, as the API server takes it. Said again, it is a repetition.</summary>
/// <param name="Regarding">The object, without its version: a repetition may speak of a later one.</param>
/// <param name="Type">Normal or not.</param>
/// <param name="Reason">Why, one word.</param>
/// <param name="Action">What was done or tried, one word.</param>
/// <param name="Note">The sentence.</param>
internal sealed record EventContent(ObjectReference Regarding, EventType Type, string Reason, string Action, string Note)
{
    private const int LongestWord = 128;
    private const int LongestNote = 1024;

    /// <summary>Cut and completed where the API server would refuse it.</summary>
    public static EventContent Of(ObjectReference regarding, EventType type, string? reason, string? action, string? note) =>
        new(regarding with { ResourceVersion = null }, type, Word(reason), Word(action), EventText.Cut(note, LongestNote));

    /// <summary>Reason, action and reporting instance must not be empty.</summary>
    public static string Word(string? word) => string.IsNullOrEmpty(word) ? "Unknown" : EventText.Cut(word, LongestWord);
}
