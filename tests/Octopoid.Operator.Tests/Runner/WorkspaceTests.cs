using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Octopoid.Operator.Tests.Runner;

public sealed class WorkspaceTests
{
    private const string Secret = "s3cret-t0ken";

    public static TheoryData<string> AllShells() => Shells.All();

    [Theory, MemberData(nameof(AllShells))]
    public async Task Scripts_and_commands_are_copied_as_executables_and_nothing_else_is(string shell)
    {
        using var pod = new AgentPod(shell);

        await pod.PrepareAsync("true");

        Assert.Equal(["run"], Names(pod.At("scripts")));
        Assert.Equal(
            ["approve", "credential-helper", "fail", "finish", "lib", "needs-continuation", "record-progress", "reject", "runner", "ssh-client", "submit-pr", "workspace"],
            Names(pod.At("bin")));
        Assert.All(Directory.GetFiles(pod.At("bin")), file => Assert.True(!OperatingSystem.IsWindows() && File.GetUnixFileMode(file).HasFlag(UnixFileMode.OtherExecute)));
    }

    [Theory, MemberData(nameof(AllShells))]
    public async Task Run_again_it_makes_the_same_workspace(string shell)
    {
        using var pod = new AgentPod(shell);
        await pod.PrepareAsync("true");
        File.WriteAllText(pod.At("work/half-done"), "");

        using var again = await pod.WorkspaceAsync();

        Assert.Equal(0, again.ExitCode);
        Assert.Equal(pod.RemoteHead("main"), AgentPod.Git("-c", "safe.directory=*", "-C", pod.At("work"), "rev-parse", pod.Branch).Trim());
    }

    [Theory, MemberData(nameof(AllShells))]
    public async Task The_identity_is_the_blueprints_unless_said(string shell)
    {
        using var pod = new AgentPod(shell);
        const string Show = "git config user.name; git config user.email; git config safe.directory; git rev-parse --abbrev-ref HEAD";

        using var first = await pod.AttemptAsync(Show);
        pod.Environment["OCTOPOID_GIT_NAME"] = "It's \"me\"; $(id)";
        pod.Environment["OCTOPOID_GIT_EMAIL"] = "me@example.org";
        using var second = await pod.AttemptAsync(Show);

        Assert.Equal("implementer\nimplementer@octopoid.invalid\n*\nagent/fix-1a2b3c4d\n", first.Output);
        Assert.StartsWith("It's \"me\"; $(id)\nme@example.org\n", second.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--upload-pack=touch hacked")]
    [InlineData("ext::sh -c touch% hacked")]
    [InlineData("/etc")]
    [InlineData("../remote.git")]
    [InlineData("ftp://host/a")]
    [InlineData("ssh::x")]
    [InlineData("file://localhost\n/a")]
    [InlineData("https://user:s3cret-t0ken@host/a")]
    [InlineData("https://s3cret-t0ken@host/a")]
    [InlineData("ssh://user:s3cret-t0ken@host/a")]
    public async Task A_url_that_is_none_is_refused_and_not_repeated(string url)
    {
        using var pod = new AgentPod(Shells.System);
        pod.Environment["OCTOPOID_REPOSITORY_URL"] = url;
        pod.Scripts("true");

        using var run = await pod.WorkspaceAsync();

        AssertFailed(run, "the repository URL");
        Assert.False(File.Exists("/hacked"));
        Assert.DoesNotContain(Secret, run.Error + run.Output + run.Comment);
    }

    [Theory]
    [InlineData("OCTOPOID_BRANCH", "-f", "task branch")]
    [InlineData("OCTOPOID_BRANCH", "", "task branch")]
    [InlineData("OCTOPOID_BRANCH", "a..b", "task branch")]
    [InlineData("OCTOPOID_BASE_BRANCH", "--all", "base branch")]
    [InlineData("OCTOPOID_BASE_BRANCH", "develop", "no branch develop")]
    [InlineData("OCTOPOID_REPOSITORY_URL", "file:///there/is/nothing", "cannot be fetched: ")]
    public async Task What_cannot_be_cloned_is_WorkspaceFailed_in_a_sentence(string name, string value, string sentence)
    {
        using var pod = new AgentPod(Shells.System);
        pod.Environment[name] = value;
        pod.Scripts("true");

        using var run = await pod.WorkspaceAsync();

        AssertFailed(run, sentence);
    }

    [Fact]
    public async Task A_blueprint_without_the_script_run_fails_before_any_agent_starts()
    {
        using var pod = new AgentPod(Shells.System);
        Directory.CreateDirectory(pod.At("source/scripts"));

        using var run = await pod.WorkspaceAsync();

        AssertFailed(run, "no file named run");
    }

    [Fact]
    public async Task An_image_that_lacks_a_tool_is_named_before_any_agent_starts()
    {
        Assert.SkipWhen(Shells.BusyboxPath is null, "needs busybox");
        using var pod = new AgentPod(Shells.Busybox);
        File.Delete(pod.At("tools/setsid"));
        File.Delete(pod.At("tools/awk"));

        // A busybox that is linked statically has them in its shell, whatever is on PATH.
        File.Delete(pod.At("tools/sh"));
        File.CreateSymbolicLink(pod.At("tools/sh"), "/bin/sh");
        pod.Scripts("true");

        using var run = await pod.WorkspaceAsync();

        Assert.Equal(("WorkspaceFailed", "the image lacks awk setsid", 1), (run.Reason, run.Comment, run.ExitCode));
    }

    [Theory, MemberData(nameof(AllShells))]
    public async Task A_token_goes_to_its_server_alone_and_nowhere_else(string shell)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var given = ReceiveCredentialsAsync(listener);
        var origin = $"http://{listener.LocalEndpoint}";
        using var pod = new AgentPod(shell);
        pod.Environment["OCTOPOID_REPOSITORY_URL"] = $"{origin}/a/b.git";
        File.WriteAllText(pod.At("secret/token"), $"{Secret}\n");
        pod.Scripts("true");

        using var run = await pod.WorkspaceAsync();

        AssertFailed(run, "cannot be fetched: ");
        Assert.Equal($"Basic {Convert.ToBase64String(Encoding.ASCII.GetBytes($"x-access-token:{Secret}"))}", await given.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
        Assert.DoesNotContain(Secret, run.Error + run.Output + run.Comment + await File.ReadAllTextAsync(pod.At("home/.gitconfig"), TestContext.Current.CancellationToken));
        Assert.Contains($"password={Secret}", await CredentialsForAsync(pod, $"{origin}/other"), StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, await CredentialsForAsync(pod, "http://other.example/a/b.git"));
    }

    [Fact]
    public async Task A_user_name_and_password_do_as_well()
    {
        using var pod = new AgentPod(Shells.System);
        pod.Environment["OCTOPOID_REPOSITORY_URL"] = "https://127.0.0.1:1/a";
        File.WriteAllText(pod.At("secret/username"), "mira");
        File.WriteAllText(pod.At("secret/password"), Secret);
        pod.Scripts("true");

        using var run = await pod.WorkspaceAsync();

        AssertFailed(run, "cannot be fetched: ");
        Assert.EndsWith($"username=mira\npassword={Secret}\n", await CredentialsForAsync(pod, "https://127.0.0.1:1/a"));
    }

    [Fact]
    public async Task A_servers_answer_that_repeats_the_secret_is_not_passed_on()
    {
        using var pod = new AgentPod(Shells.System);
        pod.Environment["OCTOPOID_REPOSITORY_URL"] = "git@forge.example:a";
        File.WriteAllText(pod.At("secret/ssh-privatekey"), "a key");
        File.WriteAllText(pod.At("secret/token"), Secret);
        pod.Tool("ssh", $"echo 'fatal: no such token: {Secret}' >&2; exec sh -c 'exit 255' 2>/dev/null");
        pod.Scripts("true");

        using var run = await pod.WorkspaceAsync();

        AssertFailed(run, "cannot be fetched");
        Assert.DoesNotContain(Secret, run.Error + run.Output + run.Comment);
    }

    [Theory]
    [InlineData("ssh://git@forge.example:2222")]
    [InlineData("git@forge.example:")]
    public async Task An_ssh_key_is_used_for_fetch_and_push(string server)
    {
        using var pod = new AgentPod(Shells.System);
        pod.Environment["OCTOPOID_REPOSITORY_URL"] = server + pod.Remote;
        File.WriteAllText(pod.At("secret/ssh-privatekey"), "a key");
        // The far end: what git asks the server to run is the last argument.
        pod.Tool("ssh", $"printf '%s\\n' \"$@\" >>'{pod.At("asked")}'; for command; do :; done; eval \"$command\"");

        using var run = await pod.AttemptAsync("echo >f; git add f; git commit -qm x");

        var asked = await File.ReadAllTextAsync(pod.At("asked"), TestContext.Current.CancellationToken);
        Assert.Equal(("done", pod.RemoteHead()), (run.Outcome, run.HeadSha));
        Assert.Contains($"-i\n{pod.At("secret/ssh-privatekey")}\n-o\nIdentitiesOnly=yes\n-o\nBatchMode=yes\n-o\nStrictHostKeyChecking=accept-new\n", asked, StringComparison.Ordinal);
        Assert.Contains("git-receive-pack", asked, StringComparison.Ordinal);
        Assert.DoesNotContain("a key", asked);
    }

    [Fact]
    public async Task Known_hosts_from_the_secret_are_the_only_ones()
    {
        using var pod = new AgentPod(Shells.System);
        pod.Environment["OCTOPOID_REPOSITORY_URL"] = $"ssh://git@forge.example{pod.Remote}";
        File.WriteAllText(pod.At("secret/ssh-privatekey"), "a key");
        File.WriteAllText(pod.At("secret/known_hosts"), "");
        pod.Tool("ssh", $"printf '%s ' \"$@\" >'{pod.At("asked")}'; exit 255");
        pod.Scripts("true");

        using var run = await pod.WorkspaceAsync();

        AssertFailed(run, "cannot be fetched");
        Assert.Contains(
            $"StrictHostKeyChecking=yes -o UserKnownHostsFile={pod.At("secret/known_hosts")} ",
            await File.ReadAllTextAsync(pod.At("asked"), TestContext.Current.CancellationToken),
            StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(AllShells))]
    public async Task A_fetch_that_hangs_is_ended(string shell)
    {
        using var pod = HangingServer(shell, "");
        pod.Environment["OCTOPOID_CLONE_TIMEOUT_SECONDS"] = "1";

        using var run = await pod.WorkspaceAsync();

        AssertFailed(run, "too long");
    }

    [Theory, MemberData(nameof(AllShells))]
    public async Task TERM_ends_a_fetch_that_hangs(string shell)
    {
        using var pod = HangingServer(shell, "kill -TERM $(cat \"$HOME/workspace\")");
        using var run = pod.Start("/bin/sh", "-c", "echo $$ >\"$HOME/workspace\"; exec \"$0\" \"$1\"", pod.Shell, pod.At("source/runner/workspace"));

        await run.EndAsync();

        Assert.Equal(143, run.ExitCode);
        Assert.Empty(run.MessageBytes);
    }

    /// <summary>A server that, once connected to, does one thing and then says nothing.</summary>
    private static AgentPod HangingServer(string shell, string thing)
    {
        var pod = new AgentPod(shell);
        pod.Environment["OCTOPOID_REPOSITORY_URL"] = "git@forge.example:a";
        File.WriteAllText(pod.At("secret/ssh-privatekey"), "a key");
        pod.Tool("ssh", $"{thing}\nexec cat >/dev/null");
        pod.Scripts("true");
        return pod;
    }

    private static void AssertFailed(ContainerRun run, string sentence)
    {
        Assert.Equal(("failed", "WorkspaceFailed", 1), (run.Outcome, run.Reason, run.Message.GetProperty("attempt").GetInt32()));
        Assert.Contains(sentence, run.Comment, StringComparison.Ordinal);
        Assert.Equal(1, run.ExitCode);
    }

    private static string[] Names(string folder) =>
        [.. Directory.GetFileSystemEntries(folder).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    /// <summary>What git in the pod would send to an address.</summary>
    private static async Task<string> CredentialsForAsync(AgentPod pod, string address)
    {
        pod.Environment["ADDRESS"] = address;
        using var git = await pod.Start("/bin/sh", "-c", "echo \"url=$ADDRESS\" | GIT_TERMINAL_PROMPT=0 git credential fill").EndAsync();
        return git.Output;
    }

    /// <summary>A server that asks for credentials, refuses those it is given, and returns them.</summary>
    private static async Task<string> ReceiveCredentialsAsync(TcpListener listener)
    {
        const string Header = "Authorization: ";
        while (true)
        {
            using var client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
            using var stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.ASCII);
            var given = "";
            while (await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { Length: > 0 } line)
            {
                given = line.StartsWith(Header, StringComparison.OrdinalIgnoreCase) ? line[Header.Length..] : given;
            }

            var status = given.Length == 0 ? "401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"" : "403 Forbidden";
            var answer = $"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            await stream.WriteAsync(Encoding.ASCII.GetBytes(answer), TestContext.Current.CancellationToken);
            if (given.Length > 0)
            {
                return given;
            }
        }
    }
}
