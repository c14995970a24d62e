package run

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"slapstar/engine"
	"slapstar/slap"
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
}

// Parameters is what the schemas of releases say of the parameters of instances. Each
// instance is checked or unchecked; the latter, too, if a part of its schema could not be
// applied.
type Parameters struct {
	Findings  []ParameterFinding // in the order of the instances
	Checked   int
	Unchecked int
	Open      int      // of these, how many have a schema that lets pass what it does not name
	Stale     []string // what is to be said of hosts that did not answer
}

// CheckParameters compares the parameters of instances with the schemas of their
// releases. A schema that cannot be had, or a part of one, is a finding once. Instances
// that are to be destroyed are left out. The error is that of ctx.
func CheckParameters(ctx context.Context, schemas *release.Schemas, instances []*engine.Instance) (Parameters, error) {
	var p Parameters
	var checks []release.ParameterCheck
	instances = slices.DeleteFunc(slices.Clone(instances), func(i *engine.Instance) bool { return i.State == slap.Destroyed })
	for _, i := range instances {
		checks = append(checks, release.ParameterCheck{
			Release: i.SoftwareRelease, SoftwareType: i.SoftwareType, Shared: i.Shared, Parameters: checkedValues(i),
			Unknown: func(text string) bool { return strings.Contains(text, unknownMark) },
		})
	}
	schemas.Prefetch(ctx, checks, nil)
	judge := judge{schemas: schemas, judged: map[judged]verdict{}}
	said := map[string]bool{}
	for n, i := range instances {
		v, err := judge.validate(ctx, checks[n])
		if ctx.Err() != nil {
			return p, ctx.Err()
		}
		unknown, isUnknown := errors.AsType[*release.UnknownTypeError](err)
		switch {
		case isUnknown:
			p.Checked++
			p.add(i, Wrong, "", unknown.Error(), "")
			continue
		case err != nil:
			p.Unchecked++
			text := fmt.Sprintf("the parameters were not checked: %v", err)
			if !said[text] && !said[i.SoftwareRelease] {
				p.add(i, Unchecked, "", text, schemaHint(err))
			}
			said[text] = true
			if !release.IsOfType(err) {
				said[i.SoftwareRelease] = true
			}
			continue
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
	for _, host := range schemas.Stale() {
		p.Stale = append(p.Stale, fmt.Sprintf("%s did not answer: what the cache has of its schemas serves, the oldest of %s", host.Host, host.At.Format(time.DateTime)))
	}
	return p, nil
}

// A judge validates equal parameters of a software type once.
type judge struct {
	schemas *release.Schemas
	judged  map[judged]verdict
}

// judged are parameters of one text, as JSON travels.
type judged struct {
	release, softwareType, text string
	shared                      bool
}

type verdict struct {
	v   *release.Validation
	err error
}

func (j judge) validate(ctx context.Context, c release.ParameterCheck) (*release.Validation, error) {
	text, ok := c.Parameters["_"].(string)
	if len(c.Parameters) > 1 || !ok && len(c.Parameters) > 0 {
		return j.schemas.Validate(ctx, c)
	}
	key := judged{c.Release, c.SoftwareType, text, c.Shared}
	if ok {
		key.text = "_" + text
	}
	if made, ok := j.judged[key]; ok {
		return made.v, made.err
	}
	v, err := j.schemas.Validate(ctx, c)
	j.judged[key] = verdict{v, err}
	return v, err
}

func (p *Parameters) add(i *engine.Instance, kind FindingKind, path, message, hint string) {
	p.Findings = append(p.Findings, ParameterFinding{kind, i, path, message, hint})
}

func (p *Parameters) addValidation(i *engine.Instance, v *release.Validation, said map[string]bool) {
	if _, wrapped := i.Parameters["_"]; v.Type.Serialisation == slap.JSONInXML && !wrapped && len(i.Parameters) > 0 {
		p.add(i, Wrong, "", "the release takes its parameters as JSON, and these are sent each as its own text", `write: serialisation = "json-in-xml"`)
		return
	}
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
		values[key] = t.Marked(func(engine.Part) string { return unknownMark })
	}
	maps.Copy(values, i.Typed)
	return values
}

// Wrong returns the findings that refuse what is declared.
func (p Parameters) Wrong() []ParameterFinding {
	return slices.DeleteFunc(slices.Clone(p.Findings), func(f ParameterFinding) bool { return f.Kind != Wrong })
}
