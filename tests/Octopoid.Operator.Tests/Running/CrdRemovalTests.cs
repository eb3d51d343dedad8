using Octopoid.Core.Kinds;
using Octopoid.Testing;

namespace Octopoid.Operator.Tests.Running;

/// <summary>The kinds themselves can be deleted, in any order, under a running operator.</summary>
public sealed class CrdRemovalTests(OwnControlPlane fixture) : PoolTest(fixture), IClassFixture<OwnControlPlane>
{
    protected override bool CleansUp => false;

    [Fact]
    public async Task Kinds_that_are_deleted_stop_nothing_but_what_they_were_for_and_may_come_back()
    {
        await ApplyAsync(Blueprint(maxInstances: 2), Task("before"));
        await using var kubelet = await WatchingKubelet.StartAsync(Server, Namespace, Done, _ => Pause(50), CancellationToken);
        StartOperator();
        await UntilDoneAsync(1);

        foreach (var plural in new[] { AgentTask.Plural, AgentOrchestrator.Plural, AgentBlueprint.Plural, AgentFlow.Plural, AgentRepository.Plural })
        {
            (await Server.SendAsync(
                HttpMethod.Delete, $"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{plural}.octopoid.dev", "{}", "application/json", CancellationToken))
                .EnsureSuccess();
            await UntilAsync(
                async () => (await Server.GetAsync($"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{plural}.octopoid.dev", CancellationToken)).Code
                    == System.Net.HttpStatusCode.NotFound,
                $"{plural} are gone");
        }

        var since = Server.Audit!.Position;
        await Pause(3000);

        // Deaf, it asks ever more rarely, and does not run in circles.
        Assert.InRange(Server.Audit.Requests(ControlPlane.OperatorUser, since).Count(request => request.Resource != "leases"), 0, 200);
        await Server.ApplyCrdsAsync(CancellationToken);
        await ApplyAsync("{apiVersion: octopoid.dev/v1alpha1, kind: AgentOrchestrator, metadata: {name: default}, spec: {maxConcurrent: 5}}", Blueprint(maxInstances: 2), Task("after"));
        await UntilDoneAsync(1, seconds: 90);
    }
}
