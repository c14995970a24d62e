package run

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"slapstar/starlib"
)

// CompareFork makes a Planner that compares with the files at a git revision tell what was
// added there since this branch left it from what this branch declares no longer. Where
// the revision is an ancestor, nothing was.
func CompareFork(ctx context.Context, p *Planner, revision string, in starlib.Inputs) error {
	r, err := openRepository(ctx, in.Folder())
	if err != nil {
		return fmt.Errorf("--since %s: %w", revision, err)
	}
	fork, behind, err := r.fork(ctx, revision)
	if fork == "" || err != nil {
		return err
	}
	files, read, err := inputsAt(ctx, fork, in)
	if err == nil {
		_, err = read(files.File)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		p.CompareFork(nil, behind)
		return nil
	case err != nil:
		return fmt.Errorf("--since %s: where this branch and it part: %w", revision, err)
	}
	p.CompareFork(&files, behind)
	return nil
}

// fork returns the commit where HEAD and a revision part, and how many commits the
// revision has after it; an empty one where the revision is an ancestor of HEAD, or where
// the two have nothing in common.
func (r *repository) fork(ctx context.Context, revision string) (commit string, behind int, err error) {
	since, err := r.commit(ctx, revision)
	if err != nil {
		return "", 0, fmt.Errorf("--since %s: %w", revision, err)
	}
	explained := func(err error) error {
		return r.explain(ctx, fmt.Errorf("--since %s: git does not tell where this branch and it part", revision), err)
	}
	out, err := r.git(ctx, maxGitOutput, "merge-base", since, "HEAD")
	if errors.Is(err, errGit) {
		if shallow, shallowErr := r.git(ctx, maxGitOutput, "rev-parse", "--is-shallow-repository"); shallowErr == nil && strings.TrimSpace(string(shallow)) == "false" {
			return "", 0, nil // unrelated
		}
	}
	if err != nil {
		return "", 0, explained(err)
	}
	if commit = strings.TrimSpace(string(out)); commit == since {
		return "", 0, nil
	}
	if !hash.MatchString(commit) {
		return "", 0, explained(errGit)
	}
	if out, err = r.git(ctx, maxGitOutput, "rev-list", "--count", commit+".."+since); err != nil {
		return "", 0, explained(err)
	}
	behind, err = strconv.Atoi(strings.TrimSpace(string(out)))
	return commit, behind, err
}
