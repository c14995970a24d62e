package run

import (
	"cmp"
	"context"
	"errors"
	"os"
	"strings"
	"time"

	"slapstar/engine"
)

// Circumstances are what is known of a run besides its files and its Master. What is not
// given is taken from the variables of a CI system, or from git.
type Circumstances struct {
	Environment string // such as "prod"; empty: as CI has it
	Branch      string // empty: as CI or git has it
	Command     string // that makes the plan
	Time        time.Time
}

// Of completes what is known of a run on the files of a folder.
func (c Circumstances) Of(ctx context.Context, folder string) (engine.Circumstances, error) {
	known := engine.Circumstances{
		Environment: cmp.Or(c.Environment, os.Getenv("CI_ENVIRONMENT_NAME")),
		Branch:      cmp.Or(c.Branch, branchOfCI()),
		Command:     c.Command,
		Time:        c.Time.Format(time.RFC3339),
	}
	if known.Branch != "" {
		return known, nil
	}
	var err error
	known.Branch, err = currentBranch(ctx, folder)
	return known, err
}

// branchOfCI is the branch that a CI system works on: in a merge request the one that is
// to be merged.
//
// GitLab, "Predefined CI/CD variables"; GitHub, "Default environment variables".
func branchOfCI() string {
	for _, name := range []string{"CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "CI_COMMIT_BRANCH", "GITHUB_HEAD_REF"} {
		if branch := os.Getenv(name); branch != "" {
			return branch
		}
	}
	if os.Getenv("GITHUB_REF_TYPE") == "branch" {
		return os.Getenv("GITHUB_REF_NAME")
	}
	return ""
}

// currentBranch is that of the work tree of a folder; empty where there is none, or no git.
func currentBranch(ctx context.Context, folder string) (string, error) {
	r, err := openRepository(ctx, folder)
	if err != nil {
		return "", ctx.Err()
	}
	out, err := r.git(ctx, maxGitOutput, "symbolic-ref", "--quiet", "--short", "HEAD")
	if err != nil && !errors.Is(err, errGit) {
		return "", err
	}
	return strings.TrimSpace(string(out)), nil
}
