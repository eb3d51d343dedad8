using Octopoid.Core.Kinds;
using Octopoid.Core.State;

namespace Octopoid.Core.Tests.State;

public sealed class TaskQueuesTests
{
    [Fact]
    public void To_find_a_place_among_many_allocates_nothing()
    {
        var tasks = Enumerable.Range(0, 1000).Select(i => new WaitingTask(TaskPriority.P2, Given.Noon.AddSeconds(i % 7), $"{i:x4}", 3, "claimed")).ToList();
        var sorted = 0;
        CompareAll();
        var before = GC.GetAllocatedBytesForCurrentThread();

        CompareAll();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.NotEqual(0, sorted);

        void CompareAll()
        {
            for (var i = 1; i < tasks.Count; i++)
            {
                sorted += WaitingTask.Order.Compare(tasks[i - 1], tasks[i]);
            }
        }
    }
}
