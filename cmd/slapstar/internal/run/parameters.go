package run

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"slapstar/engine"
	"slapstar/slap/release"
	"slapstar/starlib/lang"
)

// A FindingKind says what a ParameterFinding is about.
type FindingKind int

// The kinds of findings.
const (
	Wrong     FindingKind = iota // a schema does not allow it
	Unchecked                    // nothing is known of it, as something cannot be had
	Stranger                     // a schema does not name it, and lets it pass
)

// A ParameterFinding is what a schema says of the parameters of an instance.
type ParameterFinding struct {
	Kind     FindingKind
	Instance *engine.Instance
	Path     string // of the parameter; empty: all of them
	Message  string
	Hint     string
	Err      error // of Unchecked: why all of it was not; nil: a part was not
}

// Unhad are parameters that were not compared at all.
type Unhad struct {
	Instance *engine.Instance
	Err      error
}

// Parameters is what the schemas of releases say of the parameters of instances. Each
// instance is checked or unchecked; the latter, too, if a part of its schema could not be
// applied.
type Parameters struct {
	Findings  []ParameterFinding // in the order of the instances
	Checked   int
	Unchecked int
	Open      int // of these, how many have a schema that lets pass what it does not name
	Unhad     []Unhad
	Stale     []string // what is to be said of hosts that did not answer
}

// CheckParameters compares the parameters of instances with the schemas of their
// releases, and the values to come that they and a boundary, which may be nil, need with what
// releases say that they publish. A schema that cannot be had, or a part of one, is a finding once. Instances
// that are to be destroyed are left out. The error is that of ctx.
func CheckParameters(ctx context.Context, schemas *release.Schemas, instances []*engine.Instance, more *engine.Boundary) (Parameters, error) {
	return (&judge{schemas: schemas}).check(ctx, instances, more, nil)
}

// addVerdict adds what was found of an instance.
func (p *Parameters) addVerdict(i *engine.Instance, v *release.Validation, err error, said map[string]bool) {
	unknown, isUnknown := errors.AsType[*release.UnknownTypeError](err)
	switch {
	case isUnknown:
		p.Checked++
		p.add(i, Wrong, "", unknown.Error(), "")
		return
	case err != nil:
		p.Unchecked++
		p.Unhad = append(p.Unhad, Unhad{i, err})
		text := fmt.Sprintf("the parameters were not checked: %v", err)
		if !said[text] && !said[i.SoftwareRelease] {
			p.Findings = append(p.Findings, ParameterFinding{Unchecked, i, "", text, schemaHint(err), err})
		}
		said[text] = true
		if !release.IsOfType(err) {
			said[i.SoftwareRelease] = true
		}
		return
	case len(v.Unchecked) > 0:
		p.Unchecked++
	default:
		p.Checked++
	}
	if v.Open {
		p.Open++
	}
	p.addValidation(i, v, said)
}

func (p *Parameters) add(i *engine.Instance, kind FindingKind, path, message, hint string) {
	p.Findings = append(p.Findings, ParameterFinding{Kind: kind, Instance: i, Path: path, Message: message, Hint: hint})
}

func (p *Parameters) addValidation(i *engine.Instance, v *release.Validation, said map[string]bool) {
	for _, violation := range v.Violations {
		p.add(i, Wrong, violation.Path, violation.Message, slipHint(violation, v.Strangers))
	}
	if v.More > 0 {
		p.add(i, Wrong, "", fmt.Sprintf("and %d more", v.More), "")
	}
	for _, s := range v.Strangers {
		if s.Passes {
			p.add(i, Stranger, s.Path, fmt.Sprintf("%q is not in the schema, which lets it pass", s.Name), lang.DidYouMean(s.Name, s.Known))
		}
	}
	for _, part := range v.Unchecked {
		text := fmt.Sprintf("not checked: %s: %s", part.Location, part.Reason)
		if !said[text] {
			said[text] = true
			hint := ""
			if part.Err != nil {
				hint = schemaHint(part.Err)
			}
			p.add(i, Unchecked, "", text, hint)
		}
	}
}

// slipHint asks about names that a violation says are not known.
func slipHint(v release.Violation, strangers []release.Stranger) string {
	var hints []string
	names := 0
	for _, s := range strangers {
		within := s.Path == v.Path && strings.Contains(v.Message, fmt.Sprintf("%q", s.Name)) && strings.Contains(v.Message, " not known here")
		if s.Passes || !within && v.Path != strings.TrimPrefix(s.Path+"."+s.Name, ".") {
			continue
		}
		names++
		if hint := lang.DidYouMean(s.Name, s.Known); hint != "" {
			hints = append(hints, fmt.Sprintf("%q: %s", s.Name, hint))
		}
	}
	if names == 1 && len(hints) == 1 {
		_, hint, _ := strings.Cut(hints[0], `": `)
		return hint
	}
	return strings.Join(hints, " ")
}

// schemaHint says what to do about a schema that cannot be had.
func schemaHint(err error) string {
	if more := lang.HintOf(HintSchema(err)); more != "" {
		return more + "; --no-schemas does without"
	}
	return "--schema-dir FOLDER gives schemas; --no-schemas does without"
}

// unknownMark stands for a value that is not known yet in what is validated.
const unknownMark = "\x00slapstar:not-known-yet"

// checkedValues are the parameters of an instance as the file gives them, with a mark
// in the place of what is not known or not to be shown.
func checkedValues(i *engine.Instance) map[string]any {
	values := make(map[string]any, len(i.Parameters))
	for key, t := range i.Parameters {
		text := t.Marked(func(engine.Part) string { return unknownMark })
		if key == engine.DocumentKey {
			text = withAnyValues(text)
		}
		values[key] = text
	}
	maps.Copy(values, i.Typed)
	return values
}

// anyValue is the JSON of [release.AnyValue].
var anyValue = func() string {
	data, _ := json.Marshal(release.AnyValue) // a string can be marshalled
	return string(data)
}()

// withAnyValues replaces the marks of a document that are in no text: such a value has any
// type.
func withAnyValues(document string) string {
	if !strings.Contains(document, unknownMark) {
		return document
	}
	var b strings.Builder
	inside, escaped := false, false
	for i := 0; i < len(document); i++ {
		switch c := document[i]; {
		case escaped:
			escaped = false
		case inside && c == '\\':
			escaped = true
		case c == '"':
			inside = !inside
		case !inside && strings.HasPrefix(document[i:], unknownMark):
			b.WriteString(anyValue)
			i += len(unknownMark) - 1
			continue
		}
		b.WriteByte(document[i])
	}
	return b.String()
}

// Wrong returns the findings that refuse what is declared.
func (p Parameters) Wrong() []ParameterFinding {
	return slices.DeleteFunc(slices.Clone(p.Findings), func(f ParameterFinding) bool { return f.Kind != Wrong })
}
