using Octopoid.Kubernetes.Transport;

namespace Octopoid.Kubernetes.Tests.Transport;

public sealed class ApiMetricsTests
{
    private static readonly ResourcePath Jobs = new("batch", "v1", "jobs");
    private static readonly ResourcePath Pods = new("", "v1", "pods");
    private static readonly ResourcePath Definitions = new("apiextensions.k8s.io", "v1", "customresourcedefinitions");

    public static TheoryData<string, string, string, string> Requests => new()
    {
        { "GET", Jobs.Collection(null) + "?limit=500", "list", "jobs" },
        { "GET", Jobs.Collection("n") + "?limit=500&continue=a%2Fb", "list", "jobs" },
        { "GET", Jobs.Collection("n"), "list", "jobs" },
        { "GET", Jobs.Collection("n") + "?watch=true&resourceVersion=7", "watch", "jobs" },
        { "GET", Jobs.Object("n", "a"), "get", "jobs" },
        { "POST", Jobs.Collection("n"), "create", "jobs" },
        { "PUT", Jobs.Object("n", "a"), "update", "jobs" },
        { "PATCH", Jobs.Object("n", "a", "status"), "patch", "jobs/status" },
        { "DELETE", Jobs.Object("n", "a") + "?propagationPolicy=Background", "delete", "jobs" },
        { "DELETE", Jobs.Collection("n"), "deletecollection", "jobs" },
        { "GET", Pods.Collection(null), "list", "pods" },
        { "GET", Pods.Collection("n") + "?watch=true", "watch", "pods" },
        { "GET", Pods.Object("n", "a", "log"), "get", "pods/log" },
        { "GET", Definitions.Collection(null), "list", "customresourcedefinitions" },
        { "GET", Definitions.Object(null, "a"), "get", "customresourcedefinitions" },
        { "PATCH", Definitions.Object(null, "a", "status"), "patch", "customresourcedefinitions/status" },
        { "GET", "api/v1/namespaces", "list", "namespaces" },
        { "GET", "api/v1/namespaces/n", "get", "namespaces" },
        { "GET", "version", "GET", "none" },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public void A_request_is_known_by_its_verb_and_its_resource(string method, string path, string verb, string resource) =>
        Assert.Equal((verb, resource), ApiMetrics.Describe(new HttpMethod(method), path));
}
