package run

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"slapstar/starlib/lang"
)

func sameFolder(a, b string) bool {
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}

// errNoGit is the error of a machine without git.
var errNoGit = errors.New("there is no git in $PATH to read it with")

// errGit is the error of a git that ran and failed.
var errGit = errors.New("git failed")

// gitSettings take back what a configuration of the repository could make git run or
// fetch, and the trust in repositories that are made of files of the work tree.
var gitSettings = []string{
	"safe.bareRepository=explicit",
	"protocol.allow=never",
	"core.hooksPath=" + os.DevNull,
	"core.fsmonitor=false",
	"core.sshCommand=false",
	"core.pager=cat",
	"core.alternateRefsCommand=true",
	"credential.helper=",
	"gc.auto=0",
	"maintenance.auto=false",
}

// gitEnvironment is that of the operator, without what points git elsewhere, and with
// nothing to fetch or to ask. It keeps settings such as safe.directory that come as
// GIT_CONFIG_COUNT: git reads those of -c, which are gitSettings, after them. A setting
// such as protocol.ssh.allow, which wins over protocol.allow, yields to GIT_ALLOW_PROTOCOL.
func gitEnvironment(workTree string) []string {
	kept := []string{"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_COUNT", "GIT_EXEC_PATH"}
	var list []string
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		setting := strings.HasPrefix(name, "GIT_CONFIG_KEY_") || strings.HasPrefix(name, "GIT_CONFIG_VALUE_")
		if !strings.HasPrefix(name, "GIT_") || setting || slices.Contains(kept, name) {
			list = append(list, entry)
		}
	}
	return append(list,
		"GIT_ALLOW_PROTOCOL=none", "GIT_NO_LAZY_FETCH=1", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "GIT_NO_REPLACE_OBJECTS=1",
		"GIT_CEILING_DIRECTORIES="+filepath.Dir(workTree), "LC_ALL=C")
}

// git runs a command that reads only, and returns what it writes, of which there may
// be so many bytes.
func (r *repository) git(ctx context.Context, most int, args ...string) ([]byte, error) {
	return r.ask(ctx, most, "", args...)
}

// ask is git with a standard input.
func (r *repository) ask(ctx context.Context, most int, input string, args ...string) ([]byte, error) {
	line := []string{"-C", r.workTree, "--no-pager"}
	for _, setting := range gitSettings {
		line = append(line, "-c", setting)
	}
	cmd := exec.CommandContext(ctx, "git", append(line, args...)...)
	cmd.Env = gitEnvironment(r.workTree)
	cmd.Stdin = strings.NewReader(input)
	out, errs := boundedBuffer{most: most}, boundedBuffer{most: maxGitOutput}
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return nil, lang.Hint(errNoGit, "install git: --since and --base read the repository with it")
	case errors.Is(err, exec.ErrDot):
		return nil, lang.Hint(errors.New("the git in $PATH is one of the working folder, and is not run"), "leave the working folder out of $PATH, and install git")
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case out.cut:
		return nil, fmt.Errorf("git writes more than %d MiB", most>>20)
	case err != nil:
		return nil, r.failure(err, errs.String())
	}
	return out.Bytes(), nil
}

// failure is the error of a git that failed and wrote this.
func (r *repository) failure(err error, stderr string) error {
	if _, ran := errors.AsType[*exec.ExitError](err); !ran {
		return fmt.Errorf("running git: %w", err)
	}
	// git 2.35.2, and "unsafe repository" until 2.37
	if strings.Contains(stderr, "dubious ownership") || strings.Contains(stderr, "unsafe repository") {
		return lang.Hint(fmt.Errorf("git does not read the repository of %s, which belongs to another user (dubious ownership) and is no safe.directory", r.workTree),
			"if you trust its owner: git config --global --add safe.directory "+shellWord(r.workTree))
	}
	message, _, _ := strings.Cut(strings.TrimSpace(stderr), "\n")
	return fmt.Errorf("%w: %s", errGit, strings.TrimPrefix(message, "fatal: "))
}

// shellWord writes a path as one word of a shell.
func shellWord(path string) string {
	if plain.MatchString(path) {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}

var plain = regexp.MustCompile(`^[\w./-]+$`)

// A boundedBuffer keeps the first bytes that are written to it, and takes no more.
type boundedBuffer struct {
	bytes.Buffer
	most int
	cut  bool
}

// Write implements [io.Writer].
func (b *boundedBuffer) Write(p []byte) (int, error) {
	if b.Len()+len(p) > b.most {
		b.cut = true
		return 0, errors.New("too much")
	}
	return b.Buffer.Write(p)
}
