package run

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os/exec"
	"path/filepath"
	"strings"

	"slapstar/starlib"
	"slapstar/starlib/lang"
)

// Since returns the inputs of an evaluation of the files as they were at a git
// revision.
func Since(ctx context.Context, revision string, in starlib.Inputs) (starlib.Inputs, error) {
	entry, err := in.EntryName()
	if err != nil {
		return in, err
	}
	folder := in.Root
	if folder == "" {
		file, err := filepath.EvalSymlinks(in.File)
		if err != nil {
			return in, err
		}
		folder = filepath.Dir(file)
	}
	commit, err := git(ctx, folder, "rev-parse", "--verify", "--end-of-options", revision+"^{commit}")
	if err != nil {
		return in, fmt.Errorf("--since %s: %w", revision, err)
	}
	commit = bytes.TrimSpace(commit)
	in.File, in.Root = entry, ""
	in.Sources = &lang.Sources{Text: map[string]string{}, Read: func(name string) ([]byte, error) {
		object := fmt.Sprintf("%s:./%s", commit, name)
		if _, err := git(ctx, folder, "cat-file", "-e", object); err != nil {
			return nil, fs.ErrNotExist
		}
		return git(ctx, folder, "cat-file", "blob", object)
	}}
	// An input of today need not have been one then.
	in.Vars = maps.Clone(in.Vars)
	for name, v := range in.Vars {
		v.Explicit = false
		in.Vars[name] = v
	}
	return in, nil
}

// git runs a command that reads only.
func git(ctx context.Context, folder string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-C", folder}, args...)...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return nil, errors.New("there is no git to read it with")
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		message, _, _ := strings.Cut(strings.TrimSpace(errs.String()), "\n")
		return nil, fmt.Errorf("git: %s", strings.TrimPrefix(message, "fatal: "))
	}
	return out.Bytes(), nil
}
