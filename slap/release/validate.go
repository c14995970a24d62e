package release

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"slapstar/slap"
	"slapstar/slap/jsonschema"
)

// maxViolations is how many violations one validation lists.
const maxViolations = 100

// A ParameterCheck asks whether parameters are what a software release takes.
type ParameterCheck struct {
	Release      string // URL or path
	SoftwareType string // empty: the default
	Shared       bool

	// Parameters by name. Anything that encoding/json writes is taken.
	Parameters map[string]any

	// Unknown reports whether a text is not known yet, whole or in part. Violations
	// that depend on such a text are left out; of [AnyValue] nothing is said. Nil: all
	// other texts are known.
	Unknown func(text string) bool
}

// AnyValue is a text that stands for a value of any type that is not known yet.
const AnyValue = jsonschema.AnyValue

// A Validation is what the schema of a release says of parameters.
type Validation struct {
	Type       Type        // the entry that was found
	Violations []Violation // sorted by path
	More       int         // violations that are left out of the list
	Unchecked  []Part      // parts of the schema that were not applied, sorted
	Open       bool        // the schema lets parameters pass that it does not name
	Strangers  []Stranger  // parameters, and members of them, that it does not name, sorted
}

// A Stranger is a name that a schema does not have where it stands.
type Stranger struct {
	Path   string // of what it stands in; empty: the parameters as a whole
	Name   string
	Known  []string // the names that the schema has there, sorted
	Passes bool     // the schema lets it pass, and does not say that it means to
}

// A Part is a part of a schema that is not applied, as it makes no sense, or refers to
// what cannot be had. Nothing is said that depends on it.
type Part struct {
	Location string // of the file, #, and a JSON pointer
	Reason   string
	Err      error // of a file that could not be had, such as a [*RefusedHostError]; else nil
}

// A Violation is one thing that a schema does not allow. It does not hold the
// value of a parameter, which may be a secret.
type Violation struct {
	Path    string // where in the parameters: site-list[0].port; empty: as a whole
	Message string
}

// An UnknownTypeError is a software type that a release does not have.
type UnknownTypeError struct {
	Release      string
	SoftwareType string
	Shared       bool
	Known        []Type
}

// Names returns the types of that kind, shared or not, that the release has.
func (e *UnknownTypeError) Names() []string {
	var names []string
	for _, t := range e.Known {
		if t.Shared == e.Shared && !slices.Contains(names, t.SoftwareType) {
			names = append(names, t.SoftwareType)
		}
	}
	return names
}

func (e *UnknownTypeError) Error() string {
	kind, mark := "", ""
	if e.Shared {
		kind, mark = "shared ", " (shared)"
	}
	text := fmt.Sprintf("software release %s has no %ssoftware type %q", e.Release, kind, e.SoftwareType)
	var known []string
	for _, name := range e.Names() {
		known = append(known, strconv.Quote(name)+mark)
	}
	if len(known) == 0 {
		return text + ", and no other"
	}
	return text + ", only " + strings.Join(known, ", ")
}

// Validate compares parameters with the schema of their release.
//
// It validates the same as the stock client: the parameters as they are given. Under the
// serialisation xml each travels as text, and the recipe of the release reads it back. So
// there, a schema that wants a whole number accepts 4096, and "4096", which comes to the
// same; one that wants text accepts "4096" and not 4096, which was meant otherwise.
// Under json-in-xml, or if the release does not say, a parameter "_" that stands alone is
// replaced by its content. A key "$schema" is dropped first.
//
// An error means that there is no schema to compare with: it wraps [slap.ErrNotFound],
// is an [*UnknownTypeError] or a [*RefusedHostError], or says why the schema makes no
// sense or cannot be fetched. A schema that could not be fetched is not fetched again.
func (s *Schemas) Validate(ctx context.Context, c ParameterCheck) (*Validation, error) {
	release, err := s.Release(ctx, c.Release)
	if err != nil {
		return nil, err
	}
	entry, ok := release.Type(c.SoftwareType, c.Shared)
	if !ok {
		return nil, &UnknownTypeError{c.Release, cmp.Or(c.SoftwareType, slap.DefaultType), c.Shared, release.Types}
	}
	if entry.Broken != "" {
		return nil, ofType{fmt.Errorf("%s: %w: software type %q: %s", shown(c.Release+".json"), errBroken, entry.ID, entry.Broken)}
	}
	compiled, err := s.compiledAt(ctx, entry.Request)
	if err != nil {
		return nil, ofType{err}
	}
	v := &Validation{Type: entry}
	for _, part := range compiled.Unchecked() {
		v.Unchecked = append(v.Unchecked, Part{plainLocation(part.Location), part.Reason, part.Err})
	}
	value, err := c.value(entry.Serialisation)
	if malformed, ok := errors.AsType[*malformedError](err); ok {
		v.Violations = []Violation{{"_", malformed.Error()}}
		return v, nil
	} else if err != nil {
		return nil, err
	}
	strangers, open := compiled.Strangers(value)
	v.Open = open
	for _, stranger := range strangers[:min(len(strangers), maxViolations)] {
		v.Strangers = append(v.Strangers, Stranger{stranger.Path, stranger.Name, stranger.Known, stranger.Passes})
	}
	var violations []jsonschema.Violation
	if object, ok := value.(map[string]any); ok && entry.Serialisation == slap.XML {
		violations, err = validateText(compiled, object, c.Unknown)
	} else {
		violations, err = compiled.Validate(value, c.Unknown)
	}
	if err != nil {
		return nil, ofType{fmt.Errorf("%s: %w: %v", entry.Request, errBroken, err)}
	}
	v.More = max(0, len(violations)-maxViolations)
	for _, violation := range violations[:len(violations)-v.More] {
		v.Violations = append(v.Violations, Violation{violation.Path, violation.Message})
	}
	return v, nil
}

// ofType is the error of a software type: others of the release may be as they should.
type ofType struct{ error }

func (e ofType) Unwrap() error { return e.error }

// IsOfType reports whether an error of Validate is about a software type, and not about
// all of its release.
func IsOfType(err error) bool {
	_, ok := errors.AsType[ofType](err)
	return ok
}

// A malformedError reports a "_" that is not the JSON it should be.
type malformedError struct{ reason string }

func (e *malformedError) Error() string { return e.reason }

// value returns the JSON value to validate.
func (c *ParameterCheck) value(serialisation slap.Serialisation) (any, error) {
	parameters := c.Parameters
	if parameters == nil {
		parameters = map[string]any{}
	}
	var value any
	if inner, ok := parameters["_"]; ok && len(parameters) == 1 && serialisation != slap.XML {
		text, ok := inner.(string)
		if !ok {
			return nil, &malformedError{"want the JSON of all parameters, as text"}
		}
		var err error
		if value, err = jsonschema.Parse([]byte(text)); err != nil {
			return nil, &malformedError{fmt.Sprintf("want the JSON of all parameters: %v", err)}
		}
	} else {
		data, err := json.Marshal(parameters)
		if err != nil {
			return nil, fmt.Errorf("the parameters are no JSON: %w", err)
		}
		if value, err = jsonschema.Parse(data); err != nil {
			return nil, fmt.Errorf("the parameters are no JSON: %w", err)
		}
	}
	if object, ok := value.(map[string]any); ok {
		delete(object, "$schema")
	}
	return value, nil
}

// compiledAt returns the schema at a location, compiled once.
func (s *Schemas) compiledAt(ctx context.Context, location string) (*jsonschema.Schema, error) {
	return try(ctx, &s.mu, &s.compiled, location, func() (*jsonschema.Schema, error) { return s.compile(ctx, location) })
}

// compile returns the schema at a location.
func (s *Schemas) compile(ctx context.Context, location string) (*jsonschema.Schema, error) {
	target, err := s.target(location)
	if err != nil {
		return nil, err
	}
	var rootErr error
	compiled, err := s.documents.Compile(target, func(read string) ([]byte, error) {
		data, err := s.file(ctx, strings.TrimPrefix(read, "/"))
		if read == target {
			rootErr = err
		}
		return data, err
	})
	switch {
	case err != nil && rootErr != nil:
		return nil, rootErr // which names the file
	case err != nil:
		return nil, fmt.Errorf("%s: %w: %w", location, errBroken, err)
	}
	return compiled, nil
}

// target is the location of a schema as it is compiled: Root is the whole file system to
// one below it, so that no reference leads out of it.
func (s *Schemas) target(location string) (string, error) {
	if isURL(location) {
		return location, nil
	}
	name, err := s.below(location)
	return "/" + filepath.ToSlash(name), err
}

// plainLocation writes the location of a part of a file below Root as that of the file.
func plainLocation(location string) string {
	file, pointer, _ := strings.Cut(location, "#")
	if path, ok := strings.CutPrefix(file, "file:///"); ok {
		if plain, err := url.PathUnescape(path); err == nil {
			file = plain
		}
	}
	return file + "#" + pointer
}
