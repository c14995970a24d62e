package untrusted

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
)

// canary is in every file outside of a repository, and is the value of the secret that
// commands are given: nobody may see it.
const canary = "canary-4b1d"

// mostTime is how long a command may take, limits and the load of the machine included.
const mostTime = 40 * time.Second

// commands are those that meet files. ENTRY is the entry file.
var commands = map[string][]string{
	"plan":          {"plan", "--secret", "canary=env:CANARY", "ENTRY"},
	"plan-json":     {"plan", "--format", "json", "--secret", "canary=env:CANARY", "ENTRY"},
	"plan-markdown": {"plan", "--format", "markdown", "--secret", "canary=env:CANARY", "ENTRY"},
	"plan-since":    {"plan", "--since", "HEAD", "--secret", "canary=env:CANARY", "ENTRY"},
	"plan-out":      {"plan", "--out", "out.plan.json", "--secret", "canary=env:CANARY", "ENTRY"},
	"validate":      {"validate", "--secret", "canary=env:CANARY", "ENTRY"},
	"graph":         {"graph", "--all", "--secret", "canary=env:CANARY", "ENTRY"},
	"orphans":       {"orphans", "--secret", "canary=env:CANARY", "ENTRY"},
	"test":          {"test"},
	"test-update":   {"test", "--update"},
	"fmt":           {"fmt"},
	"fmt-diff":      {"fmt", "--diff", "ENTRY"},
	"console":       {"console", "--staged", "--secret", "canary=env:CANARY", "ENTRY"},
	"apply":         {"apply", "--auto-approve", "--secret", "canary=env:CANARY", "ENTRY"},
	"destroy":       {"destroy", "--auto-approve", "--secret", "canary=env:CANARY", "ENTRY"},
}

// ofProjects are the commands on environments. They are run where a repository says so.
var ofProjects = map[string][]string{
	"plan-env":      {"plan", "prod"},
	"plan-all":      {"plan", "--all"},
	"plan-changed":  {"plan", "--changed", "HEAD"},
	"plan-base":     {"--base", "HEAD", "plan", "prod"},
	"validate-all":  {"validate", "--all"},
	"test-env":      {"test", "prod"},
	"console-env":   {"console", "-c", "print(secret('canary'))", "prod"},
	"apply-all":     {"apply", "--auto-approve", "--all"},
	"validate-base": {"--base", "HEAD", "validate", "--all"},
}

// slapstar is the program under test: $SLAPSTAR_UNDER_TEST, to try another build, or the
// one that is built of this module.
var slapstar string

// limits are the global flags of a run, as far as the program has them.
var limits []string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "untrusted")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		if slapstar = os.Getenv("SLAPSTAR_UNDER_TEST"); slapstar == "" {
			slapstar = filepath.Join(dir, "slapstar")
			if out, err := exec.Command("go", "build", "-o", slapstar, "../cmd/slapstar").CombinedOutput(); err != nil {
				fmt.Fprintf(os.Stderr, "%v\n%s", err, out)
				return 1
			}
		}
		help, _ := exec.Command(slapstar, "--help").Output()
		for _, flag := range [][]string{{"--untrusted"}, {"--max-memory", "256MiB"}, {"--max-time", "1s"}} {
			if bytes.Contains(help, []byte(flag[0])) {
				limits = append(limits, flag...)
			}
		}
		return m.Run()
	}())
}

// A repository is one archive.
type repository struct {
	name  string
	files []txtar.File
	lines []string // the directives
}

func readRepositories(t *testing.T, folder string) []repository {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, "*.txtar"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no repositories in %s: %v", folder, err)
	}
	var list []repository
	for _, name := range names {
		a, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		r := repository{name: strings.TrimSuffix(filepath.Base(name), ".txtar"), files: a.Files}
		for line := range strings.Lines(string(a.Comment)) {
			if word, _, _ := strings.Cut(line, " "); slices.Contains(directives, word) {
				r.lines = append(r.lines, strings.TrimSpace(line))
			}
		}
		list = append(list, r)
	}
	return list
}

// directives are the words that begin a line which is no prose:
//
//	symlink NAME -> TARGET      a symbolic link
//	links COUNT NAME -> TARGET  so many of them; NAME has a %d
//	fifo NAME                   a pipe that nobody writes to
//	repeat NAME COUNT TEXT      COUNT times TEXT, with escapes of Go, at the end of a file
//	entry FILE                  the entry file, else main.star
//	time LIMIT                  --max-time, where another limit has to be met first on a slow machine too
//	seed SCRIPT                 a console script of the operator's, which the Master has seen before
//	only COMMAND…               the commands that are run; all without
//	expect COMMAND CODE TEXT    the exit code of a command, and a regular expression for its output;
//	                            COMMAND may be evaluating, which is plan and all others like it
var directives = []string{"symlink", "links", "fifo", "repeat", "entry", "time", "seed", "only", "expect"}

// evaluating are the commands that evaluate main.star and have nothing else to say about
// a hostile one.
var evaluating = []string{"plan", "plan-json", "plan-markdown", "plan-out", "plan-since", "validate", "graph", "orphans", "console", "apply", "destroy"}

// configuration is that of a repository without one.
const configuration = `[slapos]
master_url = embedded:master.sqlite
[slapproxy]
software_product_list =
  kvm https://lab.example/kvm/software.cfg
`

// A place is a repository on disk with what is around it.
type place struct {
	folder, outside, ran string
	connections          *atomic.Int64
	before               string // the content of outside
}

func (r repository) lay(t *testing.T) *place {
	t.Helper()
	top := t.TempDir()
	p := &place{folder: filepath.Join(top, "repository"), outside: filepath.Join(top, "outside"), connections: &atomic.Int64{}}
	p.ran = filepath.Join(top, "ran")
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			p.connections.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	program := filepath.Join(p.outside, "program")
	write(t, program, "#!/bin/sh\ntouch '"+p.ran+"'\n")
	if err := os.Chmod(program, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(p.outside, "token"), canary+"-token\n")
	write(t, filepath.Join(p.outside, "secret.star"), "x = \""+canary+"\"\nprint(x)\n")
	write(t, filepath.Join(p.outside, "schema.json"), `{"title": "`+canary+`", "type": "object", "properties": {"n": {"const": "`+canary+`"}}}`)
	write(t, filepath.Join(top, "home", ".ssh", "id_rsa"), canary+"-key\n")
	replace := strings.NewReplacer("{{OUTSIDE}}", p.outside, "{{PROGRAM}}", program, "{{URL}}", server.URL, "{{CANARY}}", canary)
	for _, f := range r.files {
		write(t, filepath.Join(p.folder, filepath.FromSlash(f.Name)), replace.Replace(string(f.Data)))
	}
	if err := os.MkdirAll(p.folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, line := range r.lines {
		p.make(t, strings.Fields(line), replace)
	}
	if cfg := filepath.Join(p.folder, "slapos.cfg"); !exists(cfg) {
		write(t, cfg, configuration)
	}
	p.before = snapshot(t, p.outside)
	return p
}

func (p *place) make(t *testing.T, words []string, replace *strings.Replacer) {
	t.Helper()
	var err error
	switch words[0] {
	case "symlink":
		path := filepath.Join(p.folder, words[1])
		err = errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.Symlink(replace.Replace(words[3]), path))
	case "links":
		count, countErr := strconv.Atoi(words[1])
		err = countErr
		for i := range count {
			err = errors.Join(err, os.Symlink(words[4], filepath.Join(p.folder, fmt.Sprintf(words[2], i))))
		}
	case "fifo":
		err = syscall.Mkfifo(filepath.Join(p.folder, words[1]), 0o600)
	case "repeat":
		count, countErr := strconv.Atoi(words[2])
		text, textErr := strconv.Unquote(`"` + strings.Join(words[3:], " ") + `"`)
		path := filepath.Join(p.folder, words[1])
		begin, readErr := os.ReadFile(path)
		if errors.Is(readErr, fs.ErrNotExist) {
			readErr = nil
		}
		err = errors.Join(countErr, textErr, readErr)
		write(t, path, string(begin)+strings.Repeat(text, count))
	}
	if err != nil {
		t.Fatal(err)
	}
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
		t.Fatal(err)
	}
}

// snapshot is what a folder holds.
func snapshot(t *testing.T, folder string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		fmt.Fprintf(&b, "%s %x\n", path, sha256.Sum256(data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// commit makes the repository a git repository with one commit, where there is git.
// Files that git would not take, such as a pipe, stay out of it.
func (p *place) commit(t *testing.T) {
	t.Helper()
	for _, args := range [][]string{{"init", "-q", "-b", "main"}, {"add", "-A"}, {"-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "-q", "--allow-empty", "-m", "one"}} {
		cmd := exec.Command("git", append([]string{"-C", p.folder}, args...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Logf("git %q: %v %s", args, err, out)
		}
	}
}

// A result is how a command ended.
type result struct {
	code   int
	output string // of both streams
	errors string // the standard error alone
}

// seed has the operator run a script.
func (p *place) seed(t *testing.T, script string) {
	t.Helper()
	if got := p.execute(t, []string{"console", "--yes", script}); got.code != 0 {
		t.Fatalf("%s: exit code %d\n%s", script, got.code, got.output)
	}
}

// run has a stranger's command run.
func (p *place) run(t *testing.T, entry, maxTime string, args []string) result {
	t.Helper()
	line := slices.Clone(limits)
	if i := slices.Index(line, "--max-time"); i >= 0 && maxTime != "" {
		line[i+1] = maxTime
	}
	for _, arg := range args {
		if arg == "ENTRY" {
			arg = entry
		}
		line = append(line, arg)
	}
	return p.execute(t, line)
}

func (p *place) execute(t *testing.T, line []string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), mostTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, slapstar, line...)
	cmd.Dir = p.folder
	top := filepath.Dir(p.folder)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Join(top, "home"), "XDG_CACHE_HOME=" + filepath.Join(top, "cache"),
		"XDG_STATE_HOME=" + filepath.Join(top, "state"), "CI=1", "CANARY=" + canary + "-secret"}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if ctx.Err() != nil {
		t.Errorf("%q did not end", line)
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		t.Fatalf("%q: %v", line, err)
	} else if ok {
		return result{exit.ExitCode(), out.String() + errs.String(), errs.String()}
	}
	return result{0, out.String() + errs.String(), errs.String()}
}

// codes are the exit codes of slapstar itself, not of the runtime or a signal.
var codes = []int{0, 1, 3, 4, 64}

// forged are lines that a log takes for those of somebody else.
var forged = regexp.MustCompile(`(?m)^(::|##vso\[|##\[)`)

// check looks for what must never be.
func (p *place) check(t *testing.T, command string, got result) {
	t.Helper()
	fail := func(format string, args ...any) {
		t.Helper()
		t.Errorf("%s: %s\n%.2000s", command, fmt.Sprintf(format, args...), got.output)
	}
	if !slices.Contains(codes, got.code) {
		fail("exit code %d", got.code)
	}
	for _, text := range []string{canary, "goroutine ", "panic: ", "fatal error: ", "runtime error"} {
		if strings.Contains(got.output, text) {
			fail("it shows %q", text)
		}
	}
	lines := got.output
	if command == "fmt-diff" || command == "console" { // their output is for patch, and for what reads the result of a script
		lines = got.errors
	}
	if forged.MatchString(lines) {
		fail("foreign text begins a line")
	}
	if _, err := os.Stat(p.ran); err == nil {
		fail("a program of the repository ran")
		os.Remove(p.ran)
	}
	if n := p.connections.Swap(0); n > 0 {
		fail("%d connections to a server that nobody may ask", n)
	}
	if after := snapshot(t, p.outside); after != p.before {
		fail("files outside of the repository changed: before\n%s\nafter\n%s", p.before, after)
		p.before = after
	}
}

func TestHostile(t *testing.T) {
	if testing.Short() {
		t.Skip("runs every command on every repository")
	}
	for _, r := range readRepositories(t, "hostile") {
		t.Run(r.name, func(t *testing.T) { r.try(t) })
	}
}

// What an honest repository does, it still does.
func TestHonest(t *testing.T) {
	for _, r := range readRepositories(t, "honest") {
		t.Run(r.name, func(t *testing.T) { r.try(t) })
	}
}

func (r repository) try(t *testing.T) {
	t.Helper()
	chosen := commands
	wanted := map[string][]string{}
	entry, seed, maxTime := "main.star", "", ""
	for _, line := range r.lines {
		words := strings.SplitN(line, " ", 4)
		switch words[0] {
		case "only":
			chosen = map[string][]string{}
			for _, name := range strings.Fields(line)[1:] {
				if chosen[name] = commands[name]; chosen[name] == nil {
					chosen[name] = ofProjects[name]
				}
			}
		case "expect":
			names := words[1:2]
			if words[1] == "evaluating" {
				names = evaluating
			}
			for _, name := range names {
				wanted[name] = words[2:]
			}
		case "entry":
			entry = words[1]
		case "seed":
			seed = words[1]
		case "time":
			maxTime = words[1]
		}
	}
	for _, name := range slices.Sorted(maps.Keys(chosen)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := r.lay(t)
			p.commit(t)
			if seed != "" {
				p.seed(t, seed)
			}
			got := p.run(t, entry, maxTime, chosen[name])
			p.check(t, name, got)
			if want := wanted[name]; want != nil {
				if strconv.Itoa(got.code) != want[0] || len(want) > 1 && !regexp.MustCompile(want[1]).MatchString(got.output) {
					t.Errorf("%s: exit code %d, want %s\n%.2000s", name, got.code, want, got.output)
				}
			}
		})
	}
}
