package run

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"slapstar/internal/tree"
	"slapstar/starlib/lang"
)

// gitIn runs git with a configuration of the test's.
func gitIn(t *testing.T, dir string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git")
	}
	cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "protocol.file.allow=always"}, args...)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %q: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func writeFiles(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// committed is a repository with one commit of these files.
func committed(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	gitIn(t, dir, "init", "-q", "-b", "main")
	writeFiles(t, dir, files)
	gitIn(t, dir, "add", "-A")
	gitIn(t, dir, "commit", "-qm", "one")
	return dir
}

func TestRepositoryRead(t *testing.T) {
	dir := committed(t, map[string]string{"main.star": "a", "sub/x.star": "b", "sub/[x].star": "c"})
	ctx := t.Context()
	for folder, files := range map[string]map[string]string{
		".":   {"main.star": "a", "sub/x.star": "b"},
		"sub": {"x.star": "b", "[x].star": "c"},
	} {
		r, err := openRepository(ctx, filepath.Join(dir, folder))
		if err != nil {
			t.Fatal(err)
		}
		commit, err := r.commit(ctx, "HEAD")
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range files {
			if got, err := r.read(ctx, commit, name); err != nil || string(got) != want {
				t.Errorf("%s from %s: got %q, %v, want %q", name, folder, got, err, want)
			}
		}
	}
	r, _ := openRepository(ctx, filepath.Join(dir, "sub"))
	commit, _ := r.commit(ctx, "HEAD")
	if _, err := r.read(ctx, commit, "nothing.star"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: got %v", err)
	}
	if _, err := r.read(ctx, commit, "../main.star"); !errors.Is(err, tree.ErrOutside) {
		t.Errorf("a file outside: got %v", err)
	}
}

// A file that a link led to was refused in a revision, where on disk it is read. What the
// links lead to is the same for both.
func TestRepositoryLinks(t *testing.T) {
	dir := committed(t, map[string]string{"outside.star": "out", "root/a.star": "a", "root/lib/n.star": "n", "root/lib/deep/d.star": "d"})
	links := map[string]string{
		"n.star": "lib/n.star", "twice.star": "n.star", "folder": "lib/deep", "lib/deep/up.star": "../../a.star", "around.star": "../root/a.star",
		"out.star": "../outside.star", "folderout": "..", "absolute.star": filepath.Join(dir, "root/a.star"), "passwd.star": "/etc/passwd",
		"dangling.star": "nothing.star", "loop.star": "loop.star", "through.star": "a.star/x", "line\nbreak.star": "a.star",
	}
	for name, target := range links {
		if err := os.Symlink(target, filepath.Join(dir, "root", name)); err != nil {
			t.Fatal(err)
		}
	}
	gitIn(t, dir, "add", "-A")
	gitIn(t, dir, "commit", "-qm", "two")
	r, err := openRepository(t.Context(), filepath.Join(dir, "root"))
	if err != nil {
		t.Fatal(err)
	}
	commit, err := r.commit(t.Context(), "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(filepath.Join(dir, "root"))
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	outside, missing := tree.ErrOutside, fs.ErrNotExist
	for name, want := range map[string]struct {
		text string
		err  error
	}{
		"n.star": {text: "n"}, "twice.star": {text: "n"}, "folder/d.star": {text: "d"}, "folder/up.star": {text: "a"},
		"out.star": {err: outside}, "folderout/outside.star": {err: outside}, "around.star": {err: outside}, "absolute.star": {err: outside}, "passwd.star": {err: outside},
		"dangling.star": {err: missing}, "folder/none.star": {err: missing},
	} {
		got, err := r.read(t.Context(), commit, name)
		if string(got) != want.text || !errors.Is(err, want.err) {
			t.Errorf("%s at the commit: got %q, %v, want %q, %v", name, got, err, want.text, want.err)
		}
		if got, err := tree.Read(root, name, maxBlob); string(got) != want.text || !errors.Is(err, want.err) {
			t.Errorf("%s on disk: got %q, %v, want %q, %v", name, got, err, want.text, want.err)
		}
	}
	for name, want := range map[string]string{"loop.star": "too many symbolic links", "folder": "folder is a tree", "through.star": "", "line\nbreak.star": ""} {
		if got, err := r.read(t.Context(), commit, name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %q, %v, want an error with %q", name, got, err, want)
		}
	}
}

// Worktrees and submodules have a file .git.
func TestRepositoryOfWorktreeAndSubmodule(t *testing.T) {
	dir := committed(t, map[string]string{"main.star": "a"})
	tree := filepath.Join(t.TempDir(), "tree")
	gitIn(t, dir, "worktree", "add", "-q", tree)
	outer := committed(t, map[string]string{"x": "y"})
	gitIn(t, outer, "submodule", "--quiet", "add", dir, "inner")
	for _, folder := range []string{tree, filepath.Join(outer, "inner")} {
		r, err := openRepository(t.Context(), folder)
		if err != nil {
			t.Errorf("%s: %v", folder, err)
			continue
		}
		commit, err := r.commit(t.Context(), "HEAD")
		if err != nil {
			t.Error(err)
			continue
		}
		if got, err := r.read(t.Context(), commit, "main.star"); err != nil || string(got) != "a" {
			t.Errorf("%s: got %q, %v", folder, got, err)
		}
	}
}

// A bare repository that is made of files of the work tree is not asked, and its
// configuration runs nothing: not beside the entry file, not where the work tree
// begins, and not without a work tree.
func TestBareRepositoryOfFiles(t *testing.T) {
	ran := filepath.Join(t.TempDir(), "ran")
	program := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(program, []byte("#!/bin/sh\ntouch "+ran+"\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	bare := map[string]string{
		"HEAD":        "ref: refs/heads/main\n",
		"objects/x":   "",
		"refs/x":      "",
		"packed-refs": "1111111111111111111111111111111111111111 refs/heads/main\n",
		"config": "[core]\n\trepositoryformatversion = 1\n\tbare = true\n\tsshCommand = " + program + "\n\tfsmonitor = " + program + "\n\thooksPath = " + filepath.Dir(program) +
			"\n[extensions]\n\tpartialClone = origin\n[remote \"origin\"]\n\turl = ssh://example.invalid/x\n\tpromisor = true\n\tpartialclonefilter = blob:none\n",
	}
	honest := committed(t, map[string]string{"main.star": "honest", "sub/main.star": "honest"})
	writeFiles(t, filepath.Join(honest, "sub"), bare)
	writeFiles(t, honest, bare)
	alone := t.TempDir()
	writeFiles(t, alone, bare)
	for _, folder := range []string{filepath.Join(honest, "sub"), honest} {
		r, err := openRepository(t.Context(), folder)
		if err != nil {
			t.Errorf("%s: %v", folder, err)
			continue
		}
		commit, err := r.commit(t.Context(), "HEAD")
		if err != nil {
			t.Errorf("%s: %v", folder, err)
			continue
		}
		if got, err := r.read(t.Context(), commit, "main.star"); err != nil || string(got) != "honest" {
			t.Errorf("%s: got %q, %v", folder, got, err)
		}
	}
	if _, err := openRepository(t.Context(), alone); err == nil {
		t.Error("a bare repository without a work tree was opened")
	}
	if _, err := os.Stat(ran); err == nil {
		t.Error("a program of the files ran")
	}
}

// The environment of the operator may point git elsewhere: the files are those of the
// work tree all the same.
func TestGitEnvironment(t *testing.T) {
	dir := committed(t, map[string]string{"main.star": "here"})
	other := committed(t, map[string]string{"main.star": "elsewhere"})
	t.Setenv("GIT_DIR", filepath.Join(other, ".git"))
	t.Setenv("GIT_WORK_TREE", other)
	r, err := openRepository(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	commit, err := r.commit(t.Context(), "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := r.read(t.Context(), commit, "main.star"); err != nil || string(got) != "here" {
		t.Errorf("got %q, %v", got, err)
	}
}

// In a shallow or a partial clone that something is missing is explained, and nothing
// is fetched.
func TestIncompleteClones(t *testing.T) {
	origin := committed(t, map[string]string{"main.star": "old"})
	first := gitIn(t, origin, "rev-parse", "HEAD")
	writeFiles(t, origin, map[string]string{"main.star": "new"})
	gitIn(t, origin, "commit", "-qam", "two")
	gitIn(t, origin, "config", "uploadpack.allowFilter", "true")
	gitIn(t, origin, "config", "uploadpack.allowAnySHA1InWant", "true")
	read := func(dir string) error {
		r, err := openRepository(context.Background(), dir)
		if err != nil {
			return err
		}
		commit, err := r.commit(context.Background(), first)
		if err != nil {
			return err
		}
		_, err = r.read(context.Background(), commit, "main.star")
		return err
	}
	for name, test := range map[string]struct{ arg, want string }{
		"shallow": {"--depth=1", "this clone is shallow"},
		"partial": {"--filter=blob:none", "this clone is partial, and slapstar fetches nothing"},
	} {
		dir := filepath.Join(t.TempDir(), "clone")
		gitIn(t, t.TempDir(), "clone", "-q", test.arg, "file://"+origin, dir)
		err := read(dir)
		if err == nil || !strings.Contains(err.Error(), test.want) || lang.HintOf(err) == "" {
			t.Errorf("%s: got %v, want %q and a hint", name, err, test.want)
		}
	}
}

// foreignGit puts a git in $PATH that takes every repository for another user's.
func foreignGit(t *testing.T) {
	t.Helper()
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("there is no git")
	}
	bin := t.TempDir()
	text := "#!/bin/sh\nexport GIT_TEST_ASSUME_DIFFERENT_OWNER=1\nexec '" + git + "' \"$@\"\n"
	if err := os.WriteFile(filepath.Join(bin, "git"), []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+string(filepath.ListSeparator)+os.Getenv("PATH"))
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	t.Setenv("GIT_CONFIG_NOSYSTEM", "1")
}

// setGit gives git these settings, KEY=VALUE, in the environment.
func setGit(t *testing.T, settings ...string) {
	t.Helper()
	t.Setenv("GIT_CONFIG_COUNT", strconv.Itoa(len(settings)))
	for i, setting := range settings {
		key, value, _ := strings.Cut(setting, "=")
		t.Setenv(fmt.Sprintf("GIT_CONFIG_KEY_%d", i), key)
		t.Setenv(fmt.Sprintf("GIT_CONFIG_VALUE_%d", i), value)
	}
}

// A safe.directory in the environment was dropped, so that CI in a container, which
// sets it there, could use neither --since nor --base.
func TestGitSafeDirectoryInEnvironment(t *testing.T) {
	dir := committed(t, map[string]string{"main.star": "a"})
	foreignGit(t)
	setGit(t, "safe.directory="+dir)
	if _, err := openRepository(t.Context(), dir); err != nil {
		t.Error(err)
	}
}

// Settings in the environment do not undo slapstar's.
func TestGitSettingsWinOverEnvironment(t *testing.T) {
	dir := committed(t, map[string]string{"main.star": "a"})
	ran := filepath.Join(t.TempDir(), "ran")
	program := filepath.Join(t.TempDir(), "reference-transaction") // a hook
	if err := os.WriteFile(program, []byte("#!/bin/sh\ntouch "+ran+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	bare := filepath.Join(t.TempDir(), "bare")
	gitIn(t, dir, "clone", "-q", "--bare", dir, bare)
	settings := []string{"probe.kept=yes", "protocol.ext.allow=always", "protocol.file.allow=always", "core.worktree=" + t.TempDir(), "core.bare=true"}
	for _, setting := range gitSettings {
		key, _, _ := strings.Cut(setting, "=")
		settings = append(settings, key+"="+map[string]string{
			"safe.bareRepository": "all", "protocol.allow": "always", "core.hooksPath": filepath.Dir(program), "gc.auto": "1", "maintenance.auto": "true",
		}[key])
		if last := &settings[len(settings)-1]; strings.HasSuffix(*last, "=") {
			*last += program
		}
	}
	setGit(t, settings...)
	ctx := t.Context()
	r, err := openRepository(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := r.git(ctx, maxGitOutput, "config", "probe.kept"); err != nil || string(out) != "yes\n" {
		t.Fatalf("a setting of the environment: got %q, %v, want that it is kept", out, err)
	}
	for _, setting := range gitSettings {
		key, want, _ := strings.Cut(setting, "=")
		if out, err := r.git(ctx, maxGitOutput, "config", "--get", key); err != nil || string(out) != want+"\n" {
			t.Errorf("%s: got %q, %v, want %q", key, out, err, want)
		}
	}
	for _, args := range [][]string{{"ls-remote", "file://" + dir}, {"ls-remote", "ext::" + program}} {
		if out, err := r.git(ctx, maxGitOutput, args...); err == nil {
			t.Errorf("git %q: got %q, want that it is refused", args, out)
		}
	}
	r.git(ctx, maxGitOutput, "status")
	r.git(ctx, maxGitOutput, "update-ref", "refs/heads/other", "HEAD")
	if _, err := os.Stat(ran); err == nil {
		t.Error("a program that the environment names ran")
	}
	inBare := repository{workTree: bare}
	if out, err := inBare.git(ctx, maxGitOutput, "rev-parse", "HEAD"); err == nil {
		t.Errorf("a bare repository answered: %q", out)
	}
}

// A tag shadowed the branch of a remote: whoever may push tags chose the base.
func TestRepositoryAmbiguousRevision(t *testing.T) {
	dir := committed(t, map[string]string{"main.star": "good"})
	good := gitIn(t, dir, "rev-parse", "HEAD")
	gitIn(t, dir, "update-ref", "refs/remotes/origin/main", good)
	gitIn(t, dir, "update-ref", "refs/remotes/origin/HEAD", good)
	writeFiles(t, dir, map[string]string{"main.star": "evil"})
	gitIn(t, dir, "commit", "-qam", "evil")
	evil := gitIn(t, dir, "rev-parse", "HEAD")
	for _, tag := range []string{"origin/main", "HEAD", good, good[:10], "v1-1-g" + good[:10], "refs/heads/gone", "FETCH_HEAD", "cafe", evil[:8]} {
		gitIn(t, dir, "update-ref", "refs/tags/"+tag, evil)
	}
	r, err := openRepository(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	for revision, want := range map[string]string{
		"refs/remotes/origin/main": good, "remotes/origin/main": good, "origin": good, good: good, strings.ToUpper(good): good, good + "~0": good, "HEAD~1": good, "@^": good,
		"HEAD": evil, "@": evil, "main": evil, "tags/origin/main": evil, "cafe": evil, evil[:12]: evil, evil[:8]: evil,
	} {
		if got, err := r.commit(t.Context(), revision); err != nil || got != want {
			t.Errorf("%s: got %s, %v, want %s", revision, got, err, want)
		}
	}
	for revision, want := range map[string][]string{
		"origin/main":           {`"origin/main" is ambiguous: it is refs/tags/origin/main and refs/remotes/origin/main`},
		"origin/main~0":         {"refs/tags/origin/main and refs/remotes/origin/main"},
		good[:10]:               {"refs/tags/" + good[:10], good},
		"v1-1-g" + good[:10]:    {"refs/tags/v1-1-g" + good[:10], good},
		"FETCH_HEAD":            {"is ambiguous: it is refs/tags/FETCH_HEAD"},
		"refs/heads/gone":       {`git knows no revision "refs/heads/gone"`},
		"refs/remotes/origin/x": {"git knows no revision"},
		"^main":                 {"a range"},
	} {
		got, err := r.commit(t.Context(), revision)
		if err == nil {
			t.Errorf("%s: got %s, want an error", revision, got)
			continue
		}
		for _, text := range want {
			if !strings.Contains(err.Error(), text) {
				t.Errorf("%s: got %v, want %q", revision, err, text)
			}
		}
		if strings.Contains(err.Error(), "ambiguous") && lang.HintOf(err) == "" {
			t.Errorf("%s: got no hint", revision)
		}
	}
}

// An error of git says what to do.
func TestGitMessages(t *testing.T) {
	read := func(dir, revision string) error {
		r, err := openRepository(t.Context(), dir)
		if err != nil {
			return err
		}
		_, err = r.commit(t.Context(), revision)
		return err
	}
	dir := committed(t, map[string]string{"main.star": "a"})
	spaced := filepath.Join(t.TempDir(), "it's")
	gitIn(t, dir, "branch", "release")
	gitIn(t, dir, "clone", "-q", "--bare", dir, spaced+".git")
	gitIn(t, dir, "clone", "-q", "--depth=1", "file://"+dir, spaced)
	for name, test := range map[string]struct {
		prepare       func(t *testing.T)
		dir, revision string
		want, hint    string // parts of the error and of its hint; no hint: it has none
	}{
		"no git": {func(t *testing.T) { t.Setenv("PATH", t.TempDir()) }, dir, "HEAD", "there is no git in $PATH", "install git"},
		"git of the working folder": {func(t *testing.T) {
			t.Chdir(t.TempDir())
			if err := os.WriteFile("git", []byte("#!/bin/sh\n"), 0o755); err != nil {
				t.Fatal(err)
			}
			t.Setenv("PATH", ".")
		}, dir, "HEAD", "the git in $PATH is one of the working folder, and is not run", "$PATH"},
		"GIT_DIR alone":          {func(t *testing.T) { t.Setenv("GIT_DIR", filepath.Join(dir, ".git")) }, t.TempDir(), "HEAD", "no folder above them has a .git, and GIT_DIR=" + dir + "/.git is not used", "git worktree add"},
		"GIT_DIR elsewhere":      {func(t *testing.T) { t.Setenv("GIT_DIR", spaced+".git") }, dir, "nowhere", `git knows no revision "nowhere": GIT_DIR=` + spaced + ".git is not used", "unset GIT_DIR"},
		"GIT_DIR of the files":   {func(t *testing.T) { t.Setenv("GIT_DIR", filepath.Join(dir, ".git")) }, dir, "nowhere", `git knows no revision "nowhere"`, ""},
		"no GIT_DIR":             {nil, t.TempDir(), "HEAD", "the files are in no git repository: no folder above them has a .git", ""},
		"shallow":                {nil, spaced, "HEAD~1", "this clone is shallow", "git fetch --unshallow"},
		"shallow, other branch":  {nil, spaced, "origin/release", "this clone is shallow, which leaves out older commits and other branches", "git fetch origin BRANCH:refs/remotes/origin/BRANCH"},
		"another user's":         {foreignGit, dir, "HEAD", "git does not read the repository of " + dir + ", which belongs to another user (dubious ownership) and is no safe.directory", "git config --global --add safe.directory " + dir},
		"another user's, quoted": {foreignGit, spaced, "HEAD", "dubious ownership", "safe.directory '" + filepath.Dir(spaced) + `/it'\''s'`},
	} {
		t.Run(name, func(t *testing.T) {
			if test.prepare != nil {
				test.prepare(t)
			}
			err := read(test.dir, test.revision)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %v, want %q", err, test.want)
			}
			if hint := lang.HintOf(err); !strings.Contains(hint, test.hint) || test.hint == "" && (hint != "" || strings.Contains(err.Error(), "GIT_DIR")) {
				t.Errorf("got the hint %q for %v, want %q", hint, err, test.hint)
			}
		})
	}
}

// Where the work tree begins does not depend on git, which may be missing or refuse.
func TestFindRepositoryWithoutGit(t *testing.T) {
	dir := committed(t, map[string]string{"sub/main.star": "a"})
	t.Setenv("PATH", t.TempDir())
	r, err := findRepository(filepath.Join(dir, "sub"))
	if err != nil {
		t.Fatal(err)
	}
	if r.workTree != dir || r.folder != "sub" {
		t.Errorf("got the work tree %s and the folder %s, want %s and sub", r.workTree, r.folder, dir)
	}
	if _, err := findRepository(t.TempDir()); !errors.Is(err, errNoRepository) {
		t.Errorf("a folder without a repository: got %v", err)
	}
}
