package main

import (
	"cmp"
	"context"
	"os"
	"strconv"
	"time"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/engine/document"
)

// epoch names the variable that gives the time of what is made, in seconds since 1970:
// then the same run makes the same bytes (reproducible-builds.org, SOURCE_DATE_EPOCH).
const epoch = "SOURCE_DATE_EPOCH"

// made says of a plan when it is made, of which commit and by whom.
func (f *outputFlags) made(ctx context.Context, planner *run.Planner) document.Context {
	checkout := planner.Checkout(ctx)
	return document.Context{
		Title:   f.title,
		Commit:  cmp.Or(checkout.Commit, commit()),
		Dirty:   checkout.Dirty,
		Time:    makingTime(time.Now()).UTC().Format(time.RFC3339),
		Version: version(),
	}
}

// makingTime is the time now, or the one that the environment gives.
func makingTime(now time.Time) time.Time {
	if seconds, err := strconv.ParseInt(os.Getenv(epoch), 10, 64); err == nil {
		return time.Unix(seconds, 0)
	}
	return now
}

// commit is the one that a CI system works on; empty elsewhere.
func commit() string {
	return cmp.Or(os.Getenv("CI_COMMIT_SHA"), os.Getenv("GITHUB_SHA"))
}
