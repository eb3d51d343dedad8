using YamlDotNet.RepresentationModel;

namespace Octopoid.Core.Tests.Kinds;

/// <summary>One file of <c>crds/</c>, as far as the tests look into it.</summary>
internal sealed class Crd
{
    private Crd(YamlMappingNode root) => Root = root;

    public YamlMappingNode Root { get; }

    public YamlMappingNode Schema => (YamlMappingNode)Version["schema"]["openAPIV3Schema"];

    public YamlMappingNode Version => (YamlMappingNode)Root["spec"]["versions"][0];

    public static string Text(string plural) =>
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "crds", $"octopoid.dev_{plural}.yaml"));

    public static Crd Load(string plural) => Parse(Text(plural));

    public static Crd Parse(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return new Crd((YamlMappingNode)stream.Documents.Single().RootNode);
    }

    public string Name(string key) => ((YamlScalarNode)Root["spec"]["names"][key]).Value!;
}
