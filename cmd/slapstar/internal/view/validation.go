package view

import (
	"fmt"
	"io"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/engine"
	"slapstar/engine/document"
	"slapstar/internal/mask"
)

// A Severity says whether a Finding makes a file invalid.
type Severity string

// The severities.
const (
	Error   Severity = "error"
	Warning Severity = "warning" // something could not be checked
)

// A Finding is something wrong with a file, or something that could not be
// checked.
type Finding struct {
	Severity Severity         `json:"severity"`
	Rule     Rule             `json:"-"` // for CI systems; empty: the files cannot be evaluated
	File     string           `json:"file"`
	Line     int              `json:"line"`
	Column   int              `json:"column"`
	Address  engine.Address   `json:"address,omitempty"`
	Path     string           `json:"path,omitempty"` // of the parameter
	Message  string           `json:"message"`
	Hint     string           `json:"hint,omitempty"`
	Stack    []document.Frame `json:"stack,omitempty"` // outermost first, when there is more than one call
}

// At returns the finding with its place in a file, and the calls that led there.
func (f Finding) At(o engine.Origin) Finding {
	p := NewProblem(o.Position(), o.Stack, "", "")
	f.File, f.Line, f.Column, f.Stack = p.File, p.Line, p.Column, p.Stack
	return f
}

// A ParameterCount says of how many instances the parameters were compared with the
// schema of their release. Each is checked or unchecked; of these, Open have a schema that
// lets pass what it does not name.
type ParameterCount struct {
	Checked   int `json:"checked"`
	Open      int `json:"open"`
	Unchecked int `json:"unchecked"`
}

// A Validation is what validate shows. Its JSON is described by
// validate.schema.json.
type Validation struct {
	Findings      []Finding      `json:"findings"`
	FormatVersion int            `json:"format_version"`
	Parameters    ParameterCount `json:"parameters"`
	Valid         bool           `json:"valid"`

	instances, software int
}

// NewValidation returns what was found in the files of a Config, which may be nil if
// they cannot be evaluated.
func NewValidation(c *engine.Config, parameters ParameterCount, findings []Finding) Validation {
	v := Validation{Findings: []Finding{}, FormatVersion: 1, Parameters: parameters, Valid: true}
	for _, f := range findings {
		v.Findings = append(v.Findings, f)
		v.Valid = v.Valid && f.Severity != Error
	}
	if c != nil {
		v.instances, v.software = len(c.Instances()), len(c.Software())
	}
	return v
}

// own is the [mask.Own] of a validation.
func (Validation) own(member string, _ int, text string) int {
	if member == "address" {
		return kindLength(text)
	}
	return ownWords(text, member == "severity")
}

// WriteText writes the findings to notes, and to out what is valid, and of how many
// instances the parameters were compared.
func (v Validation) WriteText(out, notes io.Writer) error {
	for _, f := range v.Findings {
		say(notes, "slapstar: ", f.text(mask.Of(notes)))
		sayHint(notes, f.Hint)
	}
	text := ""
	if v.Valid {
		text = fmt.Sprintf("Valid: %s, %s.\n", term.Counted(v.instances, "instance"), term.Counted(v.software, "software installation"))
	}
	if p := v.Parameters; p.Checked+p.Unchecked > 0 {
		text += fmt.Sprintf("Parameters: %d checked, %d not checked; %d open.\n", p.Checked, p.Unchecked, p.Open)
	}
	_, err := mask.WriteOwn(out, text)
	return err
}

// text is a finding without what is hidden.
func (f Finding) text(hidden *mask.Filter) string {
	text := clean(f.Message, hidden)
	if f.Path != "" {
		text = clean(f.Path, hidden) + ": " + text
	}
	if f.Address != "" {
		kind, name := splitKind(string(f.Address))
		text = kind + clean(name, hidden) + ": " + text
	}
	if f.Severity == Warning {
		text = "warning: " + text
	}
	at := engine.Position{File: clean(f.File, hidden), Line: f.Line, Col: f.Column}.String()
	if len(f.Stack) > 0 {
		from := f.Stack[0]
		at += fmt.Sprintf(" (from %v)", engine.Position{File: clean(from.File, hidden), Line: from.Line, Col: from.Column})
	}
	return at + ": " + text
}
