using System.Text.Json.Nodes;
using CsCheck;
using Octopoid.Kubernetes.Writing;

namespace Octopoid.Kubernetes.Tests.Writing;

public sealed class MergePatchTests
{
    private static readonly Gen<string> Json = Gen.Recursive<string>((depth, inner) =>
        depth > 2
            ? Gen.Int[0, 2].Select(n => $"{n}")
            : Gen.OneOf(
                Gen.Int[0, 2].Select(n => $"{n}"),
                inner.Array[0, 2].Select(items => $"[{string.Join(',', items)}]"),
                Object(inner)));

    [Fact]
    public void The_patch_between_two_objects_makes_one_of_the_other() =>
        Gen.Select(Object(Json), Object(Json)).Sample((before, after) =>
        {
            var (from, to) = (JsonNode.Parse(before)!.AsObject(), JsonNode.Parse(after)!.AsObject());
            var patch = MergePatch.Between(from, to);

            Assert.Equal(JsonNode.DeepEquals(from, to), patch is null);
            Assert.True(JsonNode.DeepEquals(to, Apply(from, patch ?? [])), $"{before} -> {after}: {patch?.ToJsonString()}");
        });

    [Fact]
    public void A_status_body_holds_for_one_state_only() =>
        Assert.Equal(
            """{"metadata":{"resourceVersion":"7"},"status":{"claim":null}}""",
            System.Text.Encoding.UTF8.GetString(MergePatch.StatusBody("7", new JsonObject { ["claim"] = null })));

    private static Gen<string> Object(Gen<string> value) =>
        Gen.Select(Gen.Int[0, 3], value).Array[0, 3].Select(fields =>
            "{" + string.Join(',', fields.DistinctBy(f => f.Item1).Select(f => $"\"f{f.Item1}\":{f.Item2}")) + "}");

    /// <summary>RFC 7396, word for word.</summary>
    private static JsonNode? Apply(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject changes)
        {
            return patch?.DeepClone();
        }

        var result = target is JsonObject known ? known.DeepClone().AsObject() : [];
        foreach (var (name, value) in changes)
        {
            if (value is null)
            {
                result.Remove(name);
            }
            else
            {
                result[name] = Apply(result[name], value);
            }
        }

        return result;
    }
}
