// Package jsonschema validates JSON values against JSON schemas, of the dialects
// from draft-04 to 2020-12, and says in plain words what is wrong.
//
// The package knows nothing of software releases, nor where files come from.
//
// Two kinds of schemas come here. Those that are part of slapstar are trusted
// ([Definitions]). Those of software releases are anybody's ([Compile]): what
// they name is asked of the caller, one from the web names no local file, and
// their size and the work of a validation are bounded.
//
// It does what the stock client does with Python's jsonschema: the keyword
// format asserts nothing, and a dialect that is not known is the newest one.
package jsonschema

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// Limits of one validation.
const (
	maxSteps    = 500_000     // schemas that are applied to values
	maxMatching = 200_000_000 // bytes that are compared with instructions of patterns
)

// maxDigits is how many digits a number may have, those of its exponent written out:
// numbers are compared digit by digit.
const maxDigits = 4300

// Parse reads a JSON value as it is validated. Numbers keep their digits.
func Parse(data []byte) (any, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	return doc, checkNumbers(doc)
}

// checkNumbers refuses numbers with too many digits.
func checkNumbers(doc any) error {
	switch doc := doc.(type) {
	case []any:
		for _, item := range doc {
			if err := checkNumbers(item); err != nil {
				return err
			}
		}
	case map[string]any:
		for _, item := range doc {
			if err := checkNumbers(item); err != nil {
				return err
			}
		}
	case json.Number:
		digits, exponent, _ := strings.Cut(strings.ToLower(string(doc)), "e")
		n, err := strconv.Atoi(cmp.Or(exponent, "0"))
		if err != nil || len(digits) > maxDigits || n > maxDigits || n < -maxDigits {
			return fmt.Errorf("the number %.20s has more than %d digits", doc, maxDigits)
		}
	}
	return nil
}

// A Schema is ready to validate. It may be used concurrently.
type Schema struct {
	likely    *jsonschema.Schema                 // unchecked parts accept
	unlikely  func() (*jsonschema.Schema, error) // unchecked parts do not; nil: there are none
	unchecked []Part
	parts     map[string]*jsonschema.Schema // of likely, by location

	namings map[*jsonschema.Schema]*naming
	known   map[*jsonschema.Schema]*naming // of reports
	work    *work                          // nil: it is trusted
}

// Definitions compiles a schema that is trusted: each member of its $defs, by
// name.
func Definitions(data []byte) (map[string]*Schema, error) {
	doc, err := Parse(data)
	if err != nil {
		return nil, err
	}
	const location = "urn:definitions"
	c := jsonschema.NewCompiler()
	if err := c.AddResource(location, doc); err != nil {
		return nil, err
	}
	root, _ := doc.(map[string]any)
	members, ok := root["$defs"].(map[string]any)
	if !ok {
		return nil, errors.New("there are no $defs")
	}
	schemas := map[string]*Schema{}
	for name := range members {
		compiled, err := c.Compile(location + "#/$defs/" + name)
		if err != nil {
			return nil, err
		}
		schemas[name] = &Schema{likely: compiled}
	}
	return schemas, nil
}

// Unchecked returns the parts of the schema that are not applied, sorted by location.
func (s *Schema) Unchecked() []Part { return slices.Clone(s.unchecked) }

// errWork is what ends a validation that takes too many steps.
var errWork = errors.New("this schema is too much work: it applies too many schemas to one value")

// errMatching is what ends a validation whose patterns take too long.
var errMatching = errors.New("this schema is too much work: its patterns are too long for so long a text")

// Validate returns what is wrong with a value of [Parse], sorted by location.
//
// A text of which unknown says so will be another one later: nothing is said
// that depends on it, except that it is a text. Of [AnyValue] nothing at all is said. unknown
// may be nil. Nor is anything said
// that depends on what an unchecked part would say.
func (s *Schema) Validate(doc any, unknown func(text string) bool) (violations []Violation, err error) {
	if s.work != nil {
		s.work.mu.Lock()
		defer s.work.mu.Unlock()
		s.work.begin()
	}
	defer func() {
		r := recover()
		failure, _ := r.(error)
		switch {
		case errors.Is(failure, errWork), errors.Is(failure, errMatching):
			violations, err = nil, failure
		case r != nil: // of the library, over a schema that it compiled
			violations, err = nil, fmt.Errorf("this schema cannot be applied: %v", r)
		}
	}()
	errs, err := units(s.likely, doc)
	if err != nil || len(errs) == 0 {
		return nil, err
	}
	if s.unlikely != nil { // only what is wrong whatever the unchecked parts would say
		s.work.begin()
		unlikely, err := s.unlikely()
		if err != nil {
			return nil, err
		}
		others, err := units(unlikely, doc)
		if err != nil {
			return nil, err
		}
		errs = common(errs, others)
	}
	r := report{doc: doc, schemas: s.parts, known: s.known, unknown: unknownLocations(doc, unknown)}
	list := r.violations(&jsonschema.ValidationError{ErrorKind: &kind.Group{}, Causes: errs})
	if r.cycle != "" {
		return nil, errors.New(r.cycle)
	}
	slices.SortFunc(list, compareViolations)
	return slices.CompactFunc(list, func(a, b Violation) bool { return a.Path == b.Path && a.Message == b.Message }), nil
}

// units returns the errors of a value that are independent of each other.
func units(s *jsonschema.Schema, doc any) ([]*jsonschema.ValidationError, error) {
	err := s.Validate(doc)
	if err == nil {
		return nil, nil
	}
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return nil, err
	}
	return flatten(invalid), nil
}

// flatten returns the independent errors of which one consists.
func flatten(e *jsonschema.ValidationError) (list []*jsonschema.ValidationError) {
	switch e.ErrorKind.(type) {
	case *kind.Schema, *kind.Group, *kind.AllOf, *kind.Reference:
		for _, cause := range e.Causes {
			list = append(list, flatten(cause)...)
		}
		return list
	}
	return []*jsonschema.ValidationError{e}
}

// common returns those of the errors that others has, too.
func common(errs, others []*jsonschema.ValidationError) []*jsonschema.ValidationError {
	key := func(e *jsonschema.ValidationError) string {
		key := fmt.Sprintf("%q %s %q", e.InstanceLocation, e.SchemaURL, e.ErrorKind.KeywordPath())
		if k, ok := e.ErrorKind.(*kind.PropertyNames); ok {
			key += k.Property
		}
		return key
	}
	found := map[string]*jsonschema.ValidationError{}
	for _, e := range others {
		found[key(e)] = e
	}
	return slices.DeleteFunc(errs, func(e *jsonschema.ValidationError) bool {
		other := found[key(e)]
		if other == nil {
			return true
		}
		if k, ok := e.ErrorKind.(*kind.AdditionalProperties); ok {
			names := other.ErrorKind.(*kind.AdditionalProperties).Properties
			k.Properties = slices.DeleteFunc(k.Properties, func(name string) bool { return !slices.Contains(names, name) })
			return len(k.Properties) == 0
		}
		return false
	})
}

// eachSchema calls f with a schema and those that it refers to, each once.
func eachSchema(s *jsonschema.Schema, seen map[*jsonschema.Schema]bool, f func(*jsonschema.Schema)) {
	if s == nil || seen[s] {
		return
	}
	seen[s] = true
	f(s)
	each := func(subs ...*jsonschema.Schema) {
		for _, sub := range subs {
			eachSchema(sub, seen, f)
		}
	}
	perhaps := func(value any) { // of keywords that may be something else than a schema
		switch value := value.(type) {
		case *jsonschema.Schema:
			each(value)
		case []*jsonschema.Schema:
			each(value...)
		}
	}
	each(s.Ref, s.RecursiveRef, s.Not, s.If, s.Then, s.Else, s.PropertyNames, s.UnevaluatedProperties, s.Contains, s.Items2020, s.UnevaluatedItems, s.ContentSchema)
	if s.DynamicRef != nil {
		each(s.DynamicRef.Ref)
	}
	each(s.AllOf...)
	each(s.AnyOf...)
	each(s.OneOf...)
	each(s.PrefixItems...)
	for _, subs := range []map[string]*jsonschema.Schema{s.Properties, s.DependentSchemas} {
		for _, sub := range subs {
			each(sub)
		}
	}
	for _, sub := range s.PatternProperties {
		each(sub)
	}
	for _, value := range s.Dependencies {
		perhaps(value)
	}
	perhaps(s.AdditionalProperties)
	perhaps(s.Items)
	perhaps(s.AdditionalItems)
}
