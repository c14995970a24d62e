package view

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/engine"
	"slapstar/engine/document"
	"slapstar/internal/mask"
)

// A Rule is the kind of a [Finding], by which CI systems group and filter them.
type Rule string

// The rules.
const (
	NotEvaluated     Rule = "evaluation"        // the files cannot be evaluated
	WrongParameter   Rule = "parameter"         // the schema of the release does not allow it
	UnknownParameter Rule = "unknown-parameter" // the schema does not name it, and lets it pass
	NotChecked       Rule = "not-checked"       // something that is needed to check it cannot be had
	StaleSchema      Rule = "stale-schema"      // it was checked with a schema that may have changed since
	NotFormatted     Rule = "format"            // slapstar fmt would change the file
)

// rules are all of them, with what they mean.
var rules = []struct {
	rule Rule
	says string
}{
	{NotEvaluated, "The files cannot be evaluated."},
	{WrongParameter, "The schema of the software release does not allow the parameters."},
	{UnknownParameter, "The schema of the software release does not name a parameter, and lets it pass."},
	{NotChecked, "Something could not be checked."},
	{StaleSchema, "A schema may have changed since it was read."},
	{NotFormatted, "The file does not have the form that slapstar fmt gives it."},
}

// A Report is findings for a CI system, which shows them on the lines of a merge
// request: on that of the call which declares, and on those of all calls that led there.
type Report struct {
	Findings []Finding
	Path     func(file string) string // of a file, from the root of its repository; nil: as it is
	Entry    string                   // the file that stands for findings without a place
	Version  string                   // of slapstar
}

// A level is how much a finding matters.
type level int

const (
	failure   level = iota // it makes the files invalid
	warned                 // it may be a mistake
	mentioned              // nothing is known to be wrong
)

func (f Finding) level() level {
	switch {
	case f.Severity == Error:
		return failure
	case f.Rule == NotChecked:
		return mentioned
	}
	return warned
}

// rule is the kind of a finding; without one the files cannot be evaluated.
func (f Finding) rule() Rule { return cmp.Or(f.Rule, NotEvaluated) }

// mostPlaces is on how many lines one finding stands: a chain of calls can be long.
const mostPlaces = 20

// places are the lines of a finding: the declaring call first, then the calls that led
// there, each line once. Of a long chain the middle is left out.
func (f Finding) places() []document.Frame {
	list := []document.Frame{{File: f.File, Line: f.Line, Column: f.Column}}
	if n := len(f.Stack); n > 0 {
		list[0].Function = f.Stack[n-1].Function
	}
	type line struct {
		file string
		line int
	}
	seen := map[line]bool{{f.File, f.Line}: true}
	for i := len(f.Stack) - 1; i >= 0; i-- {
		at := f.Stack[i]
		if !seen[line{at.File, at.Line}] {
			seen[line{at.File, at.Line}] = true
			list = append(list, at)
		}
	}
	if len(list) > mostPlaces {
		list = append(list[:mostPlaces/2:mostPlaces/2], list[len(list)-mostPlaces/2:]...)
	}
	return list
}

// path is that of a file in the repository, with slashes.
func (r Report) path(file string) string {
	if file == "" {
		file = r.Entry
	} else if r.Path != nil {
		file = r.Path(file)
	}
	return file
}

// message is what a finding says at one of its places, in several lines: what is wrong,
// what to do, and where the other places are.
func (r Report) message(f Finding, at int, places []document.Frame, hidden *mask.Filter) string {
	text := f.subject(hidden) + clean(f.Message, hidden)
	if f.Hint != "" {
		text += "\nhint: " + clean(f.Hint, hidden)
	}
	for i, p := range places {
		if i != at {
			text += "\n" + r.call(p, i, hidden)
		}
	}
	return text
}

// call says of a place which call it is.
func (r Report) call(p document.Frame, i int, hidden *mask.Filter) string {
	word := "called from"
	if i == 0 {
		word = "in the call at"
	}
	return fmt.Sprintf("%s %s:%d", word, hidden.Text(term.Escape(r.path(p.File))), p.Line)
}

// subject is what a finding is about, before what it says.
func (f Finding) subject(hidden *mask.Filter) string {
	text := ""
	if f.Address != "" {
		kind, name := splitKind(string(f.Address))
		text = kind + hidden.Text(term.Name(name)) + ": "
	}
	if f.Path != "" {
		text += hidden.Text(term.Escape(f.Path)) + ": "
	}
	return text
}

// fingerprints tells findings apart, and stays the same while their lines move. Of those
// that say the same at the same place the second has another one.
type fingerprints map[string]int

// lineInText is the number of a line in a message, which moves as well.
var lineInText = regexp.MustCompile(`:[0-9]+(:[0-9]+)?`)

func (seen fingerprints) of(f Finding, file, function string, hidden *mask.Filter) string {
	message := lineInText.ReplaceAllString(hidden.Text(f.Message), ":")
	text := strings.Join([]string{string(f.rule()), file, function, hidden.Text(string(f.Address)), hidden.Text(f.Path), message}, "\x00")
	seen[text]++
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", text, seen[text]))
	return hex.EncodeToString(sum[:16])
}

// NewFinding returns the finding of a mistake for which files cannot be evaluated.
func NewFinding(p Problem) Finding {
	return Finding{Severity: Error, Rule: NotEvaluated, File: p.File, Line: p.Line, Column: p.Column, Message: p.Message, Hint: p.Hint, Stack: p.Stack}
}

// oneLine is a text of several lines in one.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }), "; ")
}

// position is a place as people write it, with the path of the repository.
func (r Report) position(p document.Frame) string {
	return term.Escape(engine.Position{File: r.path(p.File), Line: p.Line, Col: p.Column}.String())
}
