package main

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// A ciProject is a repository with a forge, a Master, and the pipelines of examples/ci.
type ciProject struct {
	dir       string // of all of it
	origin    string // the bare repository
	cfg       string // the operator's configuration
	forgePath string
}

// A ciResult is what became of a job.
type ciResult struct {
	out  string
	code int
	dir  string // the checkout
	temp string // of the runner
}

// A ciSystem runs the jobs of one of the examples.
type ciSystem interface {
	check(t *testing.T, p *ciProject, number int) ciResult
	plan(t *testing.T, p *ciProject, number int) ciResult
	apply(t *testing.T, p *ciProject, approved string) ciResult
	drift(t *testing.T, p *ciProject) ciResult
	outputs(r ciResult) string // the folder in which a job leaves its files
}

// git runs git, outside of a job.
func (p *ciProject) git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(p.environment(), "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.org", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.org")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %q: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// environment is that of all jobs.
func (p *ciProject) environment() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + p.dir, "XDG_STATE_HOME=" + os.DevNull, "TMPDIR=" + os.TempDir(), "CI=true",
		"GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_NOSYSTEM=1", "FORGE=" + p.forgePath, "SHOP_PASSWORD=hunter22"}
}

// checkout clones the repository for a job.
func (p *ciProject) checkout(t *testing.T, revision string) string {
	t.Helper()
	dir, err := os.MkdirTemp(p.dir, "checkout")
	if err != nil {
		t.Fatal(err)
	}
	p.git(t, dir, "clone", "-q", p.origin, ".")
	p.git(t, dir, "fetch", "-q", "origin", revision)
	p.git(t, dir, "checkout", "-q", "--detach", "FETCH_HEAD")
	return dir
}

// commit writes files, which replace those of a branch, and pushes them.
func (p *ciProject) commit(t *testing.T, branch string, files map[string]string) {
	t.Helper()
	dir := p.checkout(t, "refs/heads/main")
	for name, text := range files {
		path := filepath.Join(dir, name)
		if target, ok := strings.CutPrefix(text, "-> "); ok {
			if err := os.Symlink(target, path); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p.git(t, dir, "add", "-A")
	p.git(t, dir, "commit", "-q", "-m", "change")
	p.git(t, dir, "push", "-q", "--force", "origin", "HEAD:refs/heads/"+branch)
}

// merge merges a branch into the main one.
func (p *ciProject) merge(t *testing.T, number int) {
	t.Helper()
	dir := p.checkout(t, "refs/heads/main")
	p.git(t, dir, "merge", "-q", "--no-ff", "-m", "merge", "origin/"+branchOf(number))
	p.git(t, dir, "push", "-q", "origin", "HEAD:refs/heads/main")
	commit := p.git(t, dir, "rev-parse", "HEAD")
	p.changeForge(t, func(f *forge) { f.Merged = append(f.Merged, forgeMerge{number, commit, f.Time}) })
}

func branchOf(number int) string { return "change-" + string(rune('0'+number)) }

// shell runs a script as a runner does.
func (p *ciProject) shell(t *testing.T, dir, script string, env map[string]string) (string, int) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "script.sh")
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", "-e", file)
	cmd.Dir, cmd.Env = dir, p.environment()
	for _, name := range slices.Sorted(maps.Keys(env)) {
		cmd.Env = append(cmd.Env, name+"="+env[name])
	}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	exit, failed := errors.AsType[*exec.ExitError](err)
	switch {
	case failed:
		return out.String(), exit.ExitCode()
	case err != nil:
		t.Fatal(err)
	}
	return out.String(), 0
}

func readYAML(t *testing.T, name string, to any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "examples", "ci", name))
	if err != nil {
		t.Fatal(err)
	}
	d := yaml.NewDecoder(bytes.NewReader(data))
	if err := d.Decode(to); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// gitlab is examples/ci/gitlab-ci.yml.
type gitlab struct{}

func (gitlab) job(t *testing.T, p *ciProject, name, dir string, env map[string]string) ciResult {
	t.Helper()
	type job struct {
		Script    []string
		Variables map[string]string
	}
	var file map[string]yaml.Node
	readYAML(t, "gitlab-ci.yml", &file)
	var j job
	var variables map[string]string
	for name, to := range map[string]any{name: &j, "variables": &variables} {
		node, ok := file[name]
		if !ok {
			t.Fatalf("there is no %s", name)
		}
		if err := node.Decode(to); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	all := map[string]string{"CI_DEFAULT_BRANCH": "main", "CI_PROJECT_ID": "7", "CI_SERVER_HOST": "gitlab.example", "CI_PROJECT_DIR": dir}
	maps.Copy(all, variables)
	maps.Copy(all, j.Variables)
	maps.Copy(all, env)
	for name, value := range all {
		all[name] = os.Expand(value, func(name string) string { return all[name] })
	}
	out, code := p.shell(t, dir, strings.Join(j.Script, "\n"), all)
	return ciResult{out: out, code: code, dir: dir}
}

func (g gitlab) check(t *testing.T, p *ciProject, number int) ciResult {
	return g.job(t, p, "check", p.checkout(t, "refs/heads/"+branchOf(number)), nil)
}

func (g gitlab) plan(t *testing.T, p *ciProject, number int) ciResult {
	return g.job(t, p, "plan", p.checkout(t, "refs/heads/"+branchOf(number)), map[string]string{"CI_MERGE_REQUEST_IID": string(rune('0' + number)), "SLAPOS_CFG": p.cfg})
}

// secretsOption is what the operator writes for SECRETS.
const secretsOption = "--secret password=env:SHOP_PASSWORD"

func (g gitlab) apply(t *testing.T, p *ciProject, approved string) ciResult {
	dir := p.checkout(t, "refs/heads/main")
	env := map[string]string{"CI_COMMIT_SHA": p.git(t, dir, "rev-parse", "HEAD"), "SLAPOS_CFG": p.cfg, "SECRETS": secretsOption}
	if approved != "" {
		env["APPROVED"] = approved
	}
	return g.job(t, p, "apply", dir, env)
}

func (g gitlab) drift(t *testing.T, p *ciProject) ciResult {
	return g.job(t, p, "drift", p.checkout(t, "refs/heads/main"), map[string]string{"SLAPOS_CFG": p.cfg, "SECRETS": secretsOption})
}

func (gitlab) outputs(r ciResult) string { return filepath.Join(r.dir, "slapstar-out") }

// github is the files of examples/ci/github.
type github struct{}

// A workflow is what the test needs of one.
type workflow struct {
	Name        string
	On          map[string]any
	Permissions map[string]string
	Jobs        map[string]struct {
		Defaults    struct{ Run struct{ Shell string } }
		Environment string
		Env         map[string]string
		Steps       []struct {
			ID, Name, Uses, Run string
			Env                 map[string]string
			With                map[string]string
		}
	}
}

var expression = regexp.MustCompile(`\$\{\{ *(.*?) *\}\}`)

// job runs the steps of a job as far as they are scripts. Expressions have the values of
// given, and without one the step is not understood.
func (github) job(t *testing.T, p *ciProject, name, dir string, given map[string]string) ciResult {
	t.Helper()
	var w workflow
	readYAML(t, "github/"+name+".yml", &w)
	j := w.Jobs[name]
	if j.Defaults.Run.Shell != "sh" {
		t.Fatalf("%s: the shell is %q", name, j.Defaults.Run.Shell)
	}
	temp := t.TempDir()
	summary, output := filepath.Join(temp, "summary.md"), filepath.Join(temp, "output.txt")
	result := ciResult{dir: dir, temp: temp}
	for _, step := range j.Steps {
		if step.Run == "" {
			continue
		}
		if err := os.WriteFile(output, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		env := map[string]string{"GITHUB_REPOSITORY": "team/services", "RUNNER_TEMP": temp, "GITHUB_STEP_SUMMARY": summary, "GITHUB_OUTPUT": output, "GITHUB_ACTIONS": "true", "GITHUB_SHA": given["github.sha"]}
		for _, more := range []map[string]string{j.Env, step.Env} {
			for name, value := range more {
				env[name] = expression.ReplaceAllStringFunc(value, func(text string) string {
					value, ok := given[expression.FindStringSubmatch(text)[1]]
					if !ok {
						t.Fatalf("%s: %s: what is %s?", name, step.Name, text)
					}
					return value
				})
			}
		}
		if _, asks := env["SECRETS"]; asks {
			env["SECRETS"] = secretsOption
		}
		out, code := p.shell(t, dir, step.Run, env)
		result.out, result.code = result.out+out, code
		if code != 0 {
			break
		}
		written, err := os.ReadFile(output)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(strings.TrimSpace(string(written)), "\n") {
			if key, value, ok := strings.Cut(line, "="); ok {
				given["steps."+step.ID+".outputs."+key] = value
			}
		}
	}
	return result
}

func (g github) check(t *testing.T, p *ciProject, number int) ciResult {
	return g.job(t, p, "check", p.checkout(t, "refs/heads/"+branchOf(number)), map[string]string{})
}

// plan works on the merge that GitHub makes.
func (g github) plan(t *testing.T, p *ciProject, number int) ciResult {
	dir := p.checkout(t, "refs/heads/main")
	head := p.git(t, dir, "rev-parse", "origin/"+branchOf(number))
	p.git(t, dir, "merge", "-q", "--no-ff", "-m", "merge", head)
	return g.job(t, p, "plan", dir, g.given(t, p, map[string]string{
		"github.event.pull_request.number": string(rune('0' + number)), "github.event.pull_request.head.sha": head,
	}))
}

func (g github) apply(t *testing.T, p *ciProject, approved string) ciResult {
	dir := p.checkout(t, "refs/heads/main")
	return g.job(t, p, "apply", dir, g.given(t, p, map[string]string{"github.sha": p.git(t, dir, "rev-parse", "HEAD"), "inputs.digest": approved}))
}

func (g github) drift(t *testing.T, p *ciProject) ciResult {
	return g.job(t, p, "drift", p.checkout(t, "refs/heads/main"), g.given(t, p, map[string]string{}))
}

// given are the expressions that all jobs with secrets may have.
func (github) given(t *testing.T, p *ciProject, more map[string]string) map[string]string {
	t.Helper()
	cfg, err := os.ReadFile(p.cfg)
	if err != nil {
		t.Fatal(err)
	}
	more["secrets.SLAPOS_CFG"], more["github.token"] = string(cfg), "token"
	return more
}

func (github) outputs(r ciResult) string { return filepath.Join(r.temp, "slapstar") }
