namespace Octopoid.Operator.Tests.Running;

public sealed class ChartTests(ControlPlaneFixture fixture)
{
    [Theory]
    [InlineData("rbac.yaml")]
    [InlineData("deployment.yaml")]
    public async Task The_API_server_takes_every_template(string template)
    {
        var (code, output) = await fixture.ControlPlane.KubectlAsync(
            await Chart.RenderAsync(template, TestContext.Current.CancellationToken),
            TestContext.Current.CancellationToken,
            "apply", "-f", "-");

        Assert.True(code == 0, output);
    }
}
