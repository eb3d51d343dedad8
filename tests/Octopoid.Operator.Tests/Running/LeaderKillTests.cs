using Octopoid.Testing;

namespace Octopoid.Operator.Tests.Running;

/// <summary>Leaders that die one after the other, as if by a node that fails: none has a moment to say what it was about.</summary>
public sealed class LeaderKillTests(SharedControlPlane fixture) : PoolTest(fixture), IClassFixture<SharedControlPlane>
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task However_often_the_leader_is_killed_each_task_runs_once_and_no_limit_is_passed()
    {
        const int count = 150;
        var seed = Environment.TickCount;
        var random = new Random(seed);
        await using var observer = await AdmissionObserver.StartAsync(Server, CancellationToken);
        await using var kubelet = await WatchingKubelet.StartAsync(Server, Namespace, Done, _ => Pause(250), CancellationToken);
        await ApplyAsync(Blueprint(maxInstances: 5));
        await CreateTasksAsync(Enumerable.Range(0, count).Select(i => $"t{i}"));
        var replicas = new Dictionary<string, OperatorProcess> { ["r0"] = StartReplica("r0", 3), ["r1"] = StartReplica("r1", 3) };
        try
        {
            var kills = 0;
            for (var start = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(start) < Duration; kills++)
            {
                await UntilAsync(async () => replicas.ContainsKey(await HolderAsync()), "one of the two leads");
                await Pause(random.Next(2000));
                var leader = await HolderAsync();
                await replicas[leader].DisposeAsync();
                replicas.Remove(leader);
                replicas[$"r{kills + 2}"] = StartReplica($"r{kills + 2}", 3);
            }

            await UntilDoneAsync(count);
            WriteLine($"seed {seed}: {kills} leaders killed");
        }
        finally
        {
            foreach (var replica in replicas.Values)
            {
                await replica.DisposeAsync();
            }
        }

        var account = await observer.AccountAsync(CancellationToken);
        Assert.Empty(account.Violations);
        Assert.Equal((5, count), (account.Peak, account.Jobs));
        Assert.All(await TasksAsync(), task => Assert.Equal((1, 1), (task.Status!.Attempt, task.Status.Attempts!.Count)));
    }
}
