namespace Octopoid.Core.Kinds;

/// <summary>A page of a list, as the API server answers it.</summary>
/// <typeparam name="T">The kind listed.</typeparam>
public sealed record ObjectList<T>
{
    /// <summary>Group and version of the list.</summary>
    public string ApiVersion { get; init => field = value ?? ApiGroup.ApiVersion; } = ApiGroup.ApiVersion;

    /// <summary>The kind with <c>List</c> appended.</summary>
    public string Kind { get; init => field = value ?? ""; } = "";

    /// <summary>What the list says about itself.</summary>
    public ListMeta Metadata { get; init => field = value ?? new(); } = new();

    /// <summary>The objects of this page.</summary>
    public IReadOnlyList<T> Items { get; init => field = value ?? []; } = [];
}
