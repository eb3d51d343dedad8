namespace Octopoid.Testing.Forges;

/// <summary>The faults of a <see cref="TestForge"/>. The first that was asked for and fits a request meets it.</summary>
public sealed class ForgeFaults
{
    private readonly Lock _gate;
    private readonly List<Rule> _rules = [];
    private Action<ForgeRequest>? _beforeAnswer;
    private int _met;

    internal ForgeFaults(Lock gate) => _gate = gate;

    /// <summary>Called with each request before it is worked on; it may change the forge, e.g. between two pages of a list.</summary>
    public Action<ForgeRequest>? BeforeAnswer
    {
        get => Volatile.Read(ref _beforeAnswer);
        set => Volatile.Write(ref _beforeAnswer, value);
    }

    /// <summary>How many requests a fault has met.</summary>
    public int Met
    {
        get
        {
            lock (_gate)
            {
                return _met;
            }
        }
    }

    /// <summary>The next requests meet a fault.</summary>
    /// <param name="fault">The fault.</param>
    /// <param name="count">How many.</param>
    /// <param name="where">Which of them; null for any. It is called under the forge's lock.</param>
    public void Next(ForgeFault fault, int count = 1, Func<ForgeRequest, bool>? where = null) => Add(Fitting(fault, where), count);

    /// <summary>All requests meet a fault, until <see cref="Clear"/>.</summary>
    /// <param name="fault">The fault.</param>
    /// <param name="where">Which of them; null for any. It is called under the forge's lock.</param>
    public void Always(ForgeFault fault, Func<ForgeRequest, bool>? where = null) => Add(Fitting(fault, where), int.MaxValue);

    /// <summary>Each request meets the fault that is chosen for it, or none, until <see cref="Clear"/>.</summary>
    /// <param name="choose">Chooses; null for none. It is called under the forge's lock.</param>
    public void Each(Func<ForgeRequest, ForgeFault?> choose) => Add(choose, int.MaxValue);

    /// <summary>No request meets a fault any more, save those that have met one. <see cref="BeforeAnswer"/> stays.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _rules.Clear();
        }
    }

    /// <summary>The fault that meets a request; null for none.</summary>
    internal ForgeFault? Take(ForgeRequest request)
    {
        lock (_gate)
        {
            foreach (var rule in _rules.ToArray())
            {
                if (rule.Choose(request) is not { } fault)
                {
                    continue;
                }

                _met++;
                if (--rule.Left == 0)
                {
                    _rules.Remove(rule);
                }

                return fault;
            }

            return null;
        }
    }

    private static Func<ForgeRequest, ForgeFault?> Fitting(ForgeFault fault, Func<ForgeRequest, bool>? where) =>
        request => where is null || where(request) ? fault : null;

    private void Add(Func<ForgeRequest, ForgeFault?> choose, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        lock (_gate)
        {
            _rules.Add(new Rule(choose) { Left = count });
        }
    }

    private sealed class Rule(Func<ForgeRequest, ForgeFault?> choose)
    {
        public Func<ForgeRequest, ForgeFault?> Choose { get; } = choose;

        public int Left { get; set; }
    }
}
