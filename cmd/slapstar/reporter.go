package main

import (
	"slices"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/view"
)

// A reporter tells a CI system what is wrong with files, in the format that it takes.
type reporter struct {
	format string
	folder string // that the names of files are relative to
	entry  string // stands for what is in no file

	found []view.Finding // so far, of several targets
}

// machine reports whether the format is that of a CI system.
func (r reporter) machine() bool {
	return slices.Contains([]string{"github", "codequality", "sarif"}, r.format)
}

// write writes all that was found as one document.
func (r reporter) write(e *env, findings []view.Finding) error {
	report := view.Report{Findings: findings, Path: run.RepositoryNames(r.folder), Version: version()}
	if r.entry != "" {
		report.Entry = run.RepositoryNames(".")(r.entry)
	}
	switch r.format {
	case "github":
		return report.GitHub(e.Out)
	case "codequality":
		return report.CodeQuality(e.Out)
	}
	return report.SARIF(e.Out)
}

// annotated runs a command that writes its own report, unless it fails before it can: the
// report is then of what it failed with, which is said on Err, too.
func (e *env) annotated(r *reporter, do func() error) error {
	if !r.machine() {
		return do()
	}
	report := func(err error) error {
		return r.write(e, append(slices.Clip(r.found), findingsOf(err)...))
	}
	e.last = func(err error) { _ = report(err) } // nobody is left to tell
	defer func() { e.last = nil }()
	err := do()
	if code := exitCode(err); err == nil || silent(err) || code == exitUsage || code == exitInterrupted {
		return err
	}
	if failed := report(err); failed != nil {
		return failed
	}
	return err
}

// findingsOf are what an error says is wrong with files.
func findingsOf(err error) []view.Finding {
	var list []view.Finding
	for _, p := range problems(err) {
		list = append(list, view.NewFinding(p))
	}
	return list
}
