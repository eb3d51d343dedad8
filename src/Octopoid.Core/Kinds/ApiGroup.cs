namespace Octopoid.Core.Kinds;

/// <summary>The API group of the five kinds, as the files in <c>crds/</c> declare it.</summary>
public static class ApiGroup
{
    /// <summary>The group's name.</summary>
    public const string Name = "octopoid.dev";

    /// <summary>The only version served and stored.</summary>
    public const string Version = "v1alpha1";

    /// <summary>Group and version, as an object's <c>apiVersion</c> says them.</summary>
    public const string ApiVersion = Name + "/" + Version;

    /// <summary>The category under which <c>kubectl get</c> lists all five kinds.</summary>
    public const string Category = "octopoid";
}
