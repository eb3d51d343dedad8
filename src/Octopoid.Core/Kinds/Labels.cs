namespace Octopoid.Core.Kinds;

/// <summary>
/// The labels on every Job and pod that the operator makes, so that both can be selected and traced back with kubectl alone.
/// </summary>
public static class Labels
{
    /// <summary>The name of the blueprint.</summary>
    public const string Blueprint = ApiGroup.Name + "/blueprint";

    /// <summary>The role that the blueprint serves.</summary>
    public const string Role = ApiGroup.Name + "/role";

    /// <summary>
    /// The name of the task; one beyond 63 characters is cut to 54, and a dash and 8 hexadecimal digits of its hash follow.
    /// </summary>
    public const string Task = ApiGroup.Name + "/task";

    /// <summary>The UID of the task.</summary>
    public const string TaskUid = ApiGroup.Name + "/task-uid";

    /// <summary>The task's run number.</summary>
    public const string Attempt = ApiGroup.Name + "/attempt";

    /// <summary>The name of the repository in which the attempt may open a pull request; missing where it will not.</summary>
    public const string Repository = ApiGroup.Name + "/repository";

    /// <summary>Marks what the operator made; its value is <see cref="ManagedValue"/>.</summary>
    public const string Managed = ApiGroup.Name + "/managed";

    /// <summary>The only value of <see cref="Managed"/>.</summary>
    public const string ManagedValue = "true";
}
