using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Octopoid.Kubernetes.Transport;
using Octopoid.Simulation.Tests.Server;

namespace Octopoid.Simulation.Tests.Processes;

/// <summary>A process's requests: they travel, are carried out or not, and are answered or not; whoever awaits one goes on within the event that ends it.</summary>
internal sealed class SimulatedTransport(OperatorProcess process, TimeSpan requestTimeout) : IApiTransport
{
    /// <summary>As the real one has it.</summary>
    public static TimeSpan DefaultTimeout { get; } = TimeSpan.FromSeconds(30);

    public Task<T> GetAsync<T>(string path, JsonTypeInfo<T> json, CancellationToken cancellationToken) =>
        SendAsync("GET", path, default, body => JsonSerializer.Deserialize(body, json)!, cancellationToken);

    public Task<T> PostAsync<T>(string path, ReadOnlyMemory<byte> body, JsonTypeInfo<T> json, CancellationToken cancellationToken) =>
        SendAsync("POST", path, body, answer => JsonSerializer.Deserialize(answer, json)!, cancellationToken);

    public Task<T> MergePatchAsync<T>(string path, ReadOnlyMemory<byte> patch, JsonTypeInfo<T> json, CancellationToken cancellationToken) =>
        SendAsync("PATCH", path, patch, answer => JsonSerializer.Deserialize(answer, json)!, cancellationToken);

    public Task DeleteAsync(string path, ReadOnlyMemory<byte> options, CancellationToken cancellationToken) =>
        SendAsync("DELETE", path, options, _ => true, cancellationToken);

    public IApiTransport WithTimeout(TimeSpan requestTimeout) => new SimulatedTransport(process, requestTimeout);

    private Task<T> SendAsync<T>(
        string method, string path, ReadOnlyMemory<byte> body, Func<byte[], T> read, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }

        var request = new Request<T>(process, method, path, body, read);
        request.Send(requestTimeout, cancellationToken);
        return request.Task;
    }

    private sealed class Request<T>(OperatorProcess process, string method, string path, ReadOnlyMemory<byte> body, Func<byte[], T> read)
    {
        private readonly TaskCompletionSource<T> _end = new();
        private readonly Simulation _simulation = process.Simulation;
        private Fate _fate = new(FateKind.Answered, default, default, default);
        private TimeSpan _sentAt;
        private CancellationTokenRegistration _cancellation;
        private ITimer? _deadline;
        private bool _isAbandoned;

        public Task<T> Task => _end.Task;

        private string What => $"{method} {path}";

        private bool IsWrite => method != "GET";

        public void Send(TimeSpan timeout, CancellationToken cancellationToken)
        {
            process.Election.WritesUnderWay += IsWrite ? 1 : 0;
            _sentAt = _simulation.World.Now;
            _fate = _simulation.Network.Draw(process.Chance, method, path);
            var isHeard = process.Chance.Is(0.5);
            _deadline = process.Time.CreateTimer(
                _ => Abandon(isHeard, () => _end.TrySetException(new TimeoutException($"{What}: no whole answer in time."))),
                null,
                timeout,
                Timeout.InfiniteTimeSpan);
            _cancellation = cancellationToken.UnsafeRegister(
                _ => Abandon(isHeard, () => _end.TrySetCanceled(cancellationToken)), null);
            if (_fate.Kind == FateKind.Lost)
            {
                Note("lost");
                Break();
            }
            else
            {
                _simulation.World.After(_fate.Arrival, Arrive);
            }
        }

        private void Arrive()
        {
            if (_fate.Kind == FateKind.Refused)
            {
                var reason = _fate.Code == 403 ? "Forbidden" : _fate.Code == 401 ? "Unauthorized" : "";
                Note($"{_fate.Code}, not carried out");
                _simulation.World.After(_fate.Work, () => Reply(Answer.Fail(_fate.Code, reason)));
            }
            else if (RequestTarget.Parse(path).Timeout is { } limit && _fate.Work > limit)
            {
                Note("504, not carried out in time");
                _simulation.World.After(limit, () => Reply(Answer.Fail(504, "Timeout")));
            }
            else
            {
                _simulation.World.After(_fate.Work, CarryOut);
            }
        }

        private void CarryOut()
        {
            if (_isAbandoned)
            {
                return;
            }

            if (IsWrite && _simulation.Lease.Holder is { Length: > 0 } holder && holder != process.Name)
            {
                _simulation.World.Violate("10 only the leader writes", $"{process.Name} {What} of {_sentAt}, but {holder} leads");
            }

            var answer = _simulation.Handler.Handle(method, path, body, process.Name);
            Note($"{answer.Code} {answer.Reason}, version {_simulation.Server.Version}, {_fate.Kind}");
            if (IsWrite && answer.Code < 300)
            {
                _simulation.SeeWrite(process, RequestTarget.Parse(path).Resource);
            }

            switch (_fate.Kind)
            {
                case FateKind.AnswerLost: Break(); break;
                case FateKind.FailedAfterCommit: Reply(Answer.Fail(_fate.Code, "")); break;
                default: Reply(answer); break;
            }
        }

        private void Note(string outcome) => _simulation.World.Note($"{process.Name} {What} of {_sentAt.TotalSeconds:0.000} -> {outcome}");

        /// <summary>Either the connection breaks, or nothing is heard any more.</summary>
        private void Break()
        {
            if (process.Chance.Is(0.5))
            {
                process.After(_fate.Return, () => End(() => _end.TrySetException(new HttpRequestException($"{What}: the connection broke."))));
            }
        }

        private void Reply(Answer answer) => process.After(_fate.Return, () => End(() =>
            _ = answer.Code < 300
                ? _end.TrySetResult(read(answer.Body))
                : _end.TrySetException(new ApiException((HttpStatusCode)answer.Code, answer.Reason, $"{What}: {answer.Code}", _fate.RetryAfter))));

        private void Abandon(bool isHeard, Action end)
        {
            _isAbandoned |= isHeard;
            End(end);
        }

        private void End(Action end)
        {
            if (_end.Task.IsCompleted)
            {
                return;
            }

            _deadline?.Dispose();
            _cancellation.Unregister();
            process.Election.WritesUnderWay -= IsWrite ? 1 : 0;
            end();
            process.Wake();
        }
    }
}
