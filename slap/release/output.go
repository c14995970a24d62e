package release

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"slapstar/slap"
)

// An OutputCheck asks whether an instance of a software release will publish something.
type OutputCheck struct {
	Release      string // URL or path
	SoftwareType string // empty: the default
	Shared       bool

	// Path leads to the value, by keys, which are strings, and indexes, which are ints.
	// The first key is that of a connection parameter, but for a release that publishes
	// JSON: there it is one of the document.
	Path []any
	Text bool // the value has to be text
}

// An OutputVerdict is what the response schema of a release says of an [OutputCheck].
type OutputVerdict struct {
	Type     Type      // the entry that was found
	Stranger *Stranger // the first name on the path that the schema does not have; nil: it has all
	NotText  bool      // the schema has another type than text there

	// Astray is how much of the path leads to what has another type than its next step
	// needs: a key wants an object, and an index a list. It is the whole path where none does.
	Astray []any
}

// Output compares a path with the response schema of a release. It returns nil where the
// release has none; an error means that there is no schema to compare with.
func (s *Schemas) Output(ctx context.Context, c OutputCheck) (*OutputVerdict, error) {
	release, err := s.Release(ctx, c.Release)
	if errors.Is(err, slap.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	entry, ok := release.Type(c.SoftwareType, c.Shared)
	if !ok || entry.Response == "" {
		return nil, nil
	}
	compiled, err := s.compiledAt(ctx, entry.Response)
	if err != nil {
		return nil, ofType{err}
	}
	v := &OutputVerdict{Type: entry, Astray: c.Path}
	value, at := sample(c.Path)
	if strangers, _ := compiled.Strangers(value); len(strangers) > 0 && len(strangers[0].Known) > 0 {
		first := strangers[0]
		v.Stranger = &Stranger{first.Path, first.Name, first.Known, first.Passes}
		return v, nil
	}
	if entry.Serialisation != slap.JSONInXML {
		return v, nil
	}
	violations, err := compiled.Validate(value, nil)
	if err != nil {
		return nil, ofType{err}
	}
	for _, violation := range violations {
		n := len(violation.Location)
		switch {
		case violation.Keyword != "type" || n > len(at) || !slices.Equal(violation.Location, at[:n]):
		case n == len(at):
			v.NotText = c.Text
		case n < len(v.Astray):
			v.Astray = c.Path[:n]
		}
	}
	return v, nil
}

// sample is a JSON value that has a text at a path, and nothing else, and where that is.
// Items of a list are alike.
func sample(path []any) (value any, at []string) {
	value, at = "text", []string{}
	for _, step := range slices.Backward(path) {
		switch step := step.(type) {
		case string:
			value, at = map[string]any{step: value}, append(at, step)
		case int:
			value, at = []any{value}, append(at, strconv.Itoa(0))
		}
	}
	slices.Reverse(at)
	return value, at
}

// PrefetchOutputs reads the schemas that checks will need, several at a time and each once.
func (s *Schemas) PrefetchOutputs(ctx context.Context, checks []OutputCheck) {
	each(ctx, len(checks), nil, func(n int) { s.Output(ctx, checks[n]) })
}
