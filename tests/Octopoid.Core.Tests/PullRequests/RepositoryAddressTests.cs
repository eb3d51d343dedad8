using Octopoid.Core.Kinds;
using Octopoid.Core.PullRequests;

namespace Octopoid.Core.Tests.PullRequests;

public sealed class RepositoryAddressTests
{
    [Theory]
    [InlineData("https://github.com/acme/widgets", null, "https://api.github.com", "acme", "widgets")]
    [InlineData("https://github.com/acme/widgets.git", null, "https://api.github.com", "acme", "widgets")]
    [InlineData("https://www.github.com/acme/widgets/", null, "https://api.github.com", "acme", "widgets")]
    [InlineData("git@github.com:acme/widgets.git", null, "https://api.github.com", "acme", "widgets")]
    [InlineData("ssh://git@github.com/acme/widgets.git", null, "https://api.github.com", "acme", "widgets")]
    [InlineData("ssh://git@ssh.github.com:443/acme/widgets.git", null, "https://api.github.com", "acme", "widgets")]
    [InlineData("git://GitHub.com/Acme/wid.gets", null, "https://api.github.com", "Acme", "wid.gets")]
    [InlineData("https://acme.ghe.com/acme/widgets", null, "https://api.acme.ghe.com", "acme", "widgets")]
    [InlineData("https://git.example.org/acme/widgets", null, "https://git.example.org/api/v3", "acme", "widgets")]
    [InlineData("http://git.example.org:8080/acme/widgets", null, "https://git.example.org:8080/api/v3", "acme", "widgets")]
    [InlineData("ssh://git@git.example.org:2222/acme/widgets", null, "https://git.example.org/api/v3", "acme", "widgets")]
    [InlineData("git@git.example.org:acme/widgets", "http://10.0.0.1:3000/api/v3/", "http://10.0.0.1:3000/api/v3", "acme", "widgets")]
    [InlineData("file:///srv/mirrors/acme/widgets.git", "https://api.github.com", "https://api.github.com", "acme", "widgets")]
    public void Is_read_out_of_what_agents_clone(string url, string? apiUrl, string root, string owner, string name)
    {
        Assert.True(RepositoryAddress.TryParse(Spec(url, apiUrl), out var address, out var violation), violation);
        Assert.Equal(new RepositoryAddress(root, owner, name), address);
    }

    [Theory]
    [InlineData("https://github.com/acme", "OWNER/NAME")]
    [InlineData("https://github.com/a/b/c", "OWNER/NAME")]
    [InlineData("git@github.com:widgets", "OWNER/NAME")]
    [InlineData("https://github.com/acme/..%2f..%2fuser", "OWNER/NAME")]
    [InlineData("https://github.com/acme/wid%20gets", "OWNER/NAME")]
    [InlineData("https://github.com/acme/wid?gets=1", null)]
    [InlineData("file:///srv/acme/widgets.git", "spec.apiUrl is needed")]
    [InlineData("nonsense", "neither a URL")]
    [InlineData("https://", "neither a URL")]
    public void Where_there_is_none_a_sentence_says_why(string url, string? says)
    {
        var isRead = RepositoryAddress.TryParse(Spec(url, null), out var address, out var violation);

        Assert.Equal(says is null, isRead);
        Assert.Equal(isRead, address is not null);
        Assert.Contains(says ?? "", violation ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://host:99999/api")]
    [InlineData("ftp://host/api")]
    [InlineData("https://name:word@host/api")]
    [InlineData("https://host/api?key=word")]
    [InlineData("host/api")]
    public void An_API_where_no_request_can_go_is_refused(string apiUrl)
    {
        Assert.False(RepositoryAddress.TryParse(Spec("https://github.com/acme/widgets", apiUrl), out _, out var violation));
        Assert.Equal("spec.apiUrl must be an http(s) URL without user, query and fragment.", violation);
    }

    [Theory]
    [InlineData(RepositoryProvider.GitLab, "https://gitlab.com/acme/widgets.git", null, "https://gitlab.com/api/v4", "acme", "widgets")]
    [InlineData(RepositoryProvider.GitLab, "git@gitlab.com:acme/tools/deep/widgets.git", null, "https://gitlab.com/api/v4", "acme/tools/deep", "widgets")]
    [InlineData(RepositoryProvider.GitLab, "ssh://git@altssh.gitlab.com:443/acme/widgets", null, "https://gitlab.com/api/v4", "acme", "widgets")]
    [InlineData(RepositoryProvider.GitLab, "https://git.example.org/acme/widgets", null, "https://git.example.org/api/v4", "acme", "widgets")]
    [InlineData(RepositoryProvider.GitLab, "https://example.org/lab/acme/widgets", "https://example.org/lab/api/v4", "https://example.org/lab/api/v4", "acme", "widgets")]
    [InlineData(RepositoryProvider.GitLab, "git@example.org:acme/widgets", "https://example.org/lab/api/v4", "https://example.org/lab/api/v4", "acme", "widgets")]
    [InlineData(RepositoryProvider.GitLab, "file:///srv/mirrors/acme/widgets.git", "https://gitlab.com/api/v4", "https://gitlab.com/api/v4", "acme", "widgets")]
    [InlineData(RepositoryProvider.Gitea, "https://codeberg.org/acme/widgets", null, "https://codeberg.org/api/v1", "acme", "widgets")]
    [InlineData(RepositoryProvider.Gitea, "http://git.example.org:3000/acme/widgets.git", "http://git.example.org:3000/api/v1/", "http://git.example.org:3000/api/v1", "acme", "widgets")]
    [InlineData(RepositoryProvider.Gitea, "https://example.org/tea/acme/widgets", "https://example.org/tea/api/v1", "https://example.org/tea/api/v1", "acme", "widgets")]
    public void Each_forge_has_its_own_paths(RepositoryProvider provider, string url, string? apiUrl, string root, string owner, string name)
    {
        Assert.True(RepositoryAddress.TryParse(Spec(url, apiUrl) with { Provider = provider }, out var address, out var violation), violation);
        Assert.Equal(new RepositoryAddress(root, owner, name), address);
    }

    [Theory]
    [InlineData(RepositoryProvider.GitLab, "https://gitlab.com/widgets", "GROUP/SUBGROUP/NAME")]
    [InlineData(RepositoryProvider.GitLab, "https://gitlab.com/acme/../widgets/%2e%2e", "GROUP/SUBGROUP/NAME")]
    [InlineData(RepositoryProvider.GitLab, "https://gitlab.com/acme/wid%20gets/name", "letters, digits")]
    [InlineData(RepositoryProvider.Gitea, "https://codeberg.org/a/b/c", "OWNER/NAME")]
    public void Each_forge_says_what_its_paths_are(RepositoryProvider provider, string url, string says)
    {
        Assert.False(RepositoryAddress.TryParse(Spec(url, null) with { Provider = provider }, out _, out var violation));
        Assert.Contains(says, violation, StringComparison.Ordinal);
    }

    [Fact]
    public void Objects_that_differ_in_spelling_alone_speak_of_the_same_pull_requests()
    {
        var https = Spec("https://github.com/Acme/widgets", null);
        var ssh = Spec("git@github.com:acme/Widgets.git", "https://API.github.com/");
        Assert.Equal(RepositoryRules.Source(https), RepositoryRules.Source(ssh));

        Assert.NotEqual(RepositoryRules.Source(https), RepositoryRules.Source(https with { PullRequests = new PullRequestPolicy { BranchPrefix = "bot/" } }));
        Assert.NotEqual(RepositoryRules.Source(https), RepositoryRules.Source(https with { PullRequests = new PullRequestPolicy { Labels = ["bot"] } }));
        Assert.Null(RepositoryRules.Source(https with { Provider = RepositoryProvider.None }));
    }

    private static AgentRepositorySpec Spec(string url, string? apiUrl) => new() { Url = url, ApiUrl = apiUrl, Provider = RepositoryProvider.GitHub };
}
