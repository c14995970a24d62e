package view

import (
	"fmt"
	"io"
	"time"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/internal/mask"
)

// A Test is what became of a function test_*, or of a file that cannot be evaluated.
type Test struct {
	File     string    `json:"file"`
	Name     string    `json:"name,omitempty"` // empty: the file itself failed
	Passed   bool      `json:"passed"`
	Problems []Problem `json:"problems,omitempty"`

	Elapsed     time.Duration `json:"-"`
	Environment string        `json:"-"` // that it was run for, of several
}

// WriteText writes the line of a test, and its problems to notes. The line holds no
// value of a run: its file was named by the user, and its function by the file.
func (t Test) WriteText(out, notes io.Writer) error {
	how, name := "FAIL  ", term.Escape(t.File)
	if t.Passed {
		how = "ok    "
	}
	if t.Name != "" {
		name += " " + term.Escape(t.Name)
	}
	_, err := mask.WriteOwn(out, how+name+"\n") // a test may have any word for a secret
	WriteProblems(notes, t.Problems)
	return err
}

// A TestRun is what test shows. Its JSON is described by test.schema.json.
type TestRun struct {
	FormatVersion  int     `json:"format_version"`
	Passed         int     `json:"passed"`
	Failed         int     `json:"failed"`
	ElapsedSeconds float64 `json:"elapsed_seconds"`
	Tests          []Test  `json:"tests"`

	elapsed time.Duration
}

// NewTestRun returns the run of some tests, in order.
func NewTestRun(tests []Test, elapsed time.Duration) TestRun {
	r := TestRun{FormatVersion: 1, ElapsedSeconds: elapsed.Seconds(), Tests: []Test{}, elapsed: elapsed}
	for _, t := range tests {
		r.Tests = append(r.Tests, t)
		if t.Passed {
			r.Passed++
		} else {
			r.Failed++
		}
	}
	return r
}

// own is the [mask.Own] of a run: names of files and tests, as in its text.
func (TestRun) own(member string, _ int, text string) int {
	return ownWords(text, member == "file" || member == "name")
}

// WriteText writes the counts. The tests were written as each ended.
func (r TestRun) WriteText(out, _ io.Writer) error {
	_, err := mask.WriteOwn(out, fmt.Sprintf("%d passed, %d failed, in %s.\n", r.Passed, r.Failed, r.elapsed.Round(10*time.Millisecond)))
	return err
}
