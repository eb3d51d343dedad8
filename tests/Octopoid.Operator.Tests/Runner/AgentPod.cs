using System.Diagnostics;
using Octopoid.Operator.Jobs;

namespace Octopoid.Operator.Tests.Runner;

/// <summary>A pod's volumes as folders, its two containers as processes, and a bare repository as the server.</summary>
internal sealed class AgentPod : IDisposable
{
    private readonly string _shell;
    private readonly string _path;

    public AgentPod(string shell, bool repository = true)
    {
        Root = Directory.CreateTempSubdirectory("octopoid-").FullName;
        foreach (var folder in new[] { "home", "work", "tmp", "result", "secret", "tools" })
        {
            Directory.CreateDirectory(At(folder));
        }

        _shell = "/bin/sh";
        _path = $"{At("tools")}:/usr/local/bin:/usr/bin:/bin";
        if (shell == Shells.Busybox)
        {
            Execute(Shells.BusyboxPath!, "--install", "-s", At("tools"));
            File.CreateSymbolicLink(At("tools/git"), "/usr/bin/git");
            _shell = At("tools/sh");
            _path = At("tools");
        }

        MountConfigMap("source/runner", Commands());
        Environment = new()
        {
            ["PATH"] = _path,
            ["HOME"] = At("home"),
            ["TMPDIR"] = At("tmp"),
            ["GIT_CONFIG_NOSYSTEM"] = "1",
            ["OCTOPOID_BIN_DIR"] = At("bin"),
            ["OCTOPOID_SCRIPTS_DIR"] = At("scripts"),
            ["OCTOPOID_SCRIPTS_SOURCE"] = At("source/scripts"),
            ["OCTOPOID_GIT_SECRET_DIR"] = At("secret"),
            ["OCTOPOID_WORKSPACE"] = At("work"),
            ["OCTOPOID_RESULT_FILE"] = At("result/result"),
            ["OCTOPOID_TERMINATION_LOG"] = At("termination-log"),
            ["OCTOPOID_BLUEPRINT"] = "implementer",
            ["OCTOPOID_ATTEMPT"] = "1",
            ["OCTOPOID_GRACE_SECONDS"] = "2",
            ["OCTOPOID_PUSH_RETRY_SECONDS"] = "0",
        };
        if (repository)
        {
            Environment["OCTOPOID_REPOSITORY_URL"] = $"file://{Remote}";
            Environment["OCTOPOID_BRANCH"] = "agent/fix-1a2b3c4d";
            Environment["OCTOPOID_BASE_BRANCH"] = "main";
            MakeRemote();
        }
    }

    /// <summary>The shell under test.</summary>
    public string Shell => _shell;

    public string Root { get; }

    public string Remote => At("remote.git");

    public Dictionary<string, string> Environment { get; }

    public string Branch => Environment["OCTOPOID_BRANCH"];

    public string At(string path) => Path.Combine(Root, path);

    /// <summary>The commit of a branch on the server; null where there is none.</summary>
    public string? RemoteHead(string? branch = null)
    {
        var answer = Git("-C", Remote, "for-each-ref", "--format=%(objectname)", $"refs/heads/{branch ?? Branch}").Trim();
        return answer.Length == 0 ? null : answer;
    }

    /// <summary>One attempt: workspace, then the runner with this text as the script <c>run</c>.</summary>
    public async Task<ContainerRun> AttemptAsync(string script)
    {
        await PrepareAsync(script);
        return await RunAsync();
    }

    public async Task PrepareAsync(string script)
    {
        NewPod();
        Scripts(script);
        using var workspace = await WorkspaceAsync();
        Assert.True(workspace.ExitCode == 0, workspace.Error);
    }

    /// <summary>What every pod begins with: empty volumes.</summary>
    public void NewPod()
    {
        foreach (var volume in new[] { "work", "home", "tmp", "result", "bin", "scripts" })
        {
            if (Directory.Exists(At(volume)))
            {
                Directory.Delete(At(volume), recursive: true);
            }

            Directory.CreateDirectory(At(volume));
        }
    }

    public void Scripts(string run) => MountConfigMap("source/scripts", new() { ["run"] = $"#!{_shell}\n{run}\n" });

    public async Task<ContainerRun> WorkspaceAsync() => await Start(_shell, At("source/runner/workspace")).EndAsync();

    public async Task<ContainerRun> RunAsync() => await StartRunner().EndAsync();

    public ContainerRun StartRunner() => Start(_shell, At("bin/runner"));

    public ContainerRun Start(string file, params string[] arguments)
    {
        File.WriteAllText(At("termination-log"), "");
        return new(Command(file, arguments), At("termination-log"));
    }

    /// <summary>A program of the test's own, found before the machine's.</summary>
    public void Tool(string name, string script)
    {
        File.WriteAllText(At($"tools/{name}"), $"#!/bin/sh\n{script}\n");
        Execute("chmod", "+x", At($"tools/{name}"));
    }

    public static string Git(params string[] arguments) => Execute("/usr/bin/git", arguments);

    /// <summary>A commit on a branch of the server by somebody else; the branch is made from main if there is none.</summary>
    public string CommitElsewhere(string branch, string file)
    {
        var clone = At("elsewhere");
        Git("clone", "-q", Remote, clone);
        var known = RemoteHead(branch) is null ? "origin/main" : $"origin/{branch}";
        Git("-C", clone, "checkout", "-q", "-B", branch, known, "--");
        File.WriteAllText(Path.Combine(clone, file), "by somebody else\n");
        Git("-C", clone, "add", "-A");
        Git("-C", clone, "-c", "user.name=a", "-c", "user.email=a@b.invalid", "commit", "-qm", "elsewhere");
        Git("-C", clone, "push", "-q", "origin", $"HEAD:refs/heads/{branch}");
        Directory.Delete(clone, recursive: true);
        return RemoteHead(branch)!;
    }

    public void RemoteHook(string name, string script)
    {
        var hook = Path.Combine(Remote, "hooks", name);
        Directory.CreateDirectory(Path.GetDirectoryName(hook)!);
        File.WriteAllText(hook, $"#!/bin/sh\n{script}\n");
        Execute("chmod", "+x", hook);
    }

    /// <summary>Whether a process whose number a script wrote into a file of the workspace still runs.</summary>
    public bool Lives(string pidFile)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{File.ReadAllText(At($"work/{pidFile}")).Trim()}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);

    /// <summary>As the kubelet lays a ConfigMap out: links to links into a hidden folder.</summary>
    private void MountConfigMap(string path, Dictionary<string, string> files)
    {
        if (Directory.Exists(At(path)))
        {
            Directory.Delete(At(path), recursive: true);
        }

        var data = Directory.CreateDirectory(At($"{path}/..2026_01_01")).FullName;
        File.CreateSymbolicLink(At($"{path}/..data"), "..2026_01_01");
        foreach (var (name, text) in files)
        {
            File.WriteAllText(Path.Combine(data, name), text);
            File.CreateSymbolicLink(At($"{path}/{name}"), $"..data/{name}");
        }
    }

    /// <summary>The scripts as the operator carries them, to be run by the shell under test.</summary>
    private Dictionary<string, string> Commands() => RunnerFiles.All.ToDictionary(
        file => file.Key, file => file.Value.Replace("#!/bin/sh\n", $"#!{_shell}\n", StringComparison.Ordinal));

    private void MakeRemote()
    {
        Git("-c", "init.defaultBranch=main", "init", "-q", "--bare", Remote);
        var tree = Git("-C", Remote, "hash-object", "-w", "-t", "tree", "/dev/null").Trim();
        var commit = Git("-C", Remote, "-c", "user.name=a", "-c", "user.email=a@b.invalid", "commit-tree", "-m", "base", tree).Trim();
        Git("-C", Remote, "update-ref", "refs/heads/main", commit);
    }

    private ProcessStartInfo Command(string file, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(file, arguments) { WorkingDirectory = "/" };
        start.Environment.Clear();
        foreach (var (name, value) in Environment ?? [])
        {
            start.Environment[name] = value;
        }

        return start;
    }

    private static string Execute(string file, params string[] arguments)
    {
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["GIT_CONFIG_GLOBAL"] = "/dev/null";
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{file} {string.Join(' ', arguments)}: {error.Result}");
    }
}
