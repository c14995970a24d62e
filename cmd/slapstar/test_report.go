package main

import (
	"io"
	"sync"
	"time"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/view"
)

// A testReport collects what becomes of tests.
type testReport struct {
	env     *env
	options testOptions

	environment string     // whose tests run, of several
	mu          sync.Mutex // the watch may end the process meanwhile
	tests       []view.Test
	begun, last time.Time // of all tests; when the last one ended
}

func (r *testReport) begin() {
	if r.begun.IsZero() {
		r.begun = time.Now()
		r.last = r.begun
	}
}

// add adds a test that has ended. As text it is written at once.
func (r *testReport) add(t view.Test) error {
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	t.Elapsed, t.Environment, r.last = now.Sub(r.last), r.environment, now
	r.tests = append(r.tests, t)
	if r.options.format == "text" && (r.options.verbose || !t.Passed) {
		return t.WriteText(r.env.Out, r.env.Err)
	}
	return nil
}

// show shows the results. The error is errFailed if a test failed.
func (r *testReport) show() error {
	results := view.NewTestRun(r.tests, time.Since(r.begun))
	if err := r.write(results); err != nil || results.Failed == 0 {
		return err
	}
	return errFailed
}

func (r *testReport) write(results view.TestRun) error {
	if r.options.format != "junit" {
		return r.env.show(r.options.format, results)
	}
	for _, t := range results.Tests { // the log of a job is not left empty
		if !t.Passed {
			if err := t.WriteText(io.Discard, r.env.Err); err != nil {
				return err
			}
		}
	}
	return results.JUnit(r.env.Out, run.RepositoryNames("."))
}

// ended runs do, which runs the tests. What it fails with before it can show them is an
// error in the document for a CI system as well.
func (r *testReport) ended(do func() error) error {
	if r.options.format != "junit" {
		return do()
	}
	report := func(err error) error {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.begin()
		tests := append(r.tests, view.Test{Problems: problems(err), Elapsed: time.Since(r.last)})
		return view.NewTestRun(tests, time.Since(r.begun)).JUnit(r.env.Out, run.RepositoryNames("."))
	}
	r.env.last = func(err error) { _ = report(err) } // nobody is left to tell
	defer func() { r.env.last = nil }()
	err := do()
	if code := exitCode(err); err == nil || silent(err) || code == exitUsage || code == exitInterrupted {
		return err
	}
	if failed := report(err); failed != nil {
		return failed
	}
	return err
}
