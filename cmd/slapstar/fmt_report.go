package main

import (
	"bytes"
	"errors"
	"slices"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/cmd/slapstar/internal/view"
	"slapstar/starlib/format"
)

// report reports all that do finds of the files, if a CI system is to be told.
func (o *fmtOptions) report(e *env, r reporter, do func(fmtOptions) error) error {
	if !r.machine() {
		return do(*o)
	}
	o.findings = &[]view.Finding{}
	err := do(*o) // annotated reports the error itself
	if failed := r.write(e, *o.findings); failed != nil {
		return failed
	}
	return err
}

// find adds a finding, if a CI system is to be told.
func (o fmtOptions) find(f view.Finding) {
	if o.findings != nil {
		*o.findings = append(*o.findings, f)
	}
}

// formatFinding is the finding of a file that cannot be formatted.
func formatFinding(err error) view.Finding {
	if wrong, ok := errors.AsType[*format.Error](err); ok {
		return view.NewFinding(view.Problem{File: wrong.File, Line: wrong.Line, Column: wrong.Column, Message: wrong.Message, Hint: hintFor(err)})
	}
	return view.NewFinding(problems(err)[0])
}

// notFormatted is the finding of a file that would change, at the first line that does.
func notFormatted(name string, source, formatted []byte) view.Finding {
	line := firstDifference(source, formatted)
	return view.Finding{Severity: view.Error, Rule: view.NotFormatted, File: name, Line: line, Message: "this line is the first one that slapstar fmt would change", Hint: "slapstar fmt " + term.Escape(shellQuoted(name)) + " lays the file out"}
}

// firstDifference is the number of the first line of a text that another one does not
// have at the same place.
func firstDifference(one, other []byte) int {
	lines, others := bytes.SplitAfter(one, []byte("\n")), bytes.SplitAfter(other, []byte("\n"))
	for i, line := range lines {
		if i >= len(others) || !slices.Equal(line, others[i]) {
			return i + 1
		}
	}
	return len(lines)
}
