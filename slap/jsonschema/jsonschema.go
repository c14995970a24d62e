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
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// maxSteps is how many schemas a validation may apply to values.
const maxSteps = 500_000

// Parse reads a JSON value as it is validated. Numbers keep their digits.
func Parse(data []byte) (any, error) { return jsonschema.UnmarshalJSON(bytes.NewReader(data)) }

// A Schema is ready to validate. It may be used concurrently.
type Schema struct {
	compiled  *jsonschema.Schema
	unchecked []string

	mu    sync.Mutex // held during a validation, if that is bounded
	bound bool
	left  int // steps
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
		schemas[name] = &Schema{compiled: compiled}
	}
	return schemas, nil
}

// Unchecked returns the regular expressions of the schema that are not applied,
// sorted: package regexp has no equivalent of them, or they are wrong.
func (s *Schema) Unchecked() []string { return slices.Clone(s.unchecked) }

// errWork is what ends a validation that takes too many steps.
var errWork = errors.New("this schema is too much work: it applies too many schemas to one value")

// Validate returns what is wrong with a value of [Parse], sorted by location.
//
// A text of which unknown says so will be another one later: nothing is said
// that depends on it, except that it is a text. unknown may be nil.
func (s *Schema) Validate(doc any, unknown func(text string) bool) (violations []Violation, err error) {
	if s.bound {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.left = maxSteps
	}
	defer func() {
		r := recover()
		if failure, ok := r.(error); ok && errors.Is(failure, errWork) {
			violations, err = nil, errWork
		} else if r != nil { // of the library, over a schema that it compiled
			violations, err = nil, fmt.Errorf("this schema cannot be applied: %v", r)
		}
	}()
	var invalid *jsonschema.ValidationError
	if err := s.compiled.Validate(doc); err == nil {
		return nil, nil
	} else if !errors.As(err, &invalid) {
		return nil, err
	}
	r := report{doc: doc, unknown: unknownLocations(doc, unknown)}
	list := r.violations(invalid)
	if r.cycle != "" {
		return nil, errors.New(r.cycle)
	}
	slices.SortFunc(list, compareViolations)
	return slices.CompactFunc(list, func(a, b Violation) bool { return a.Path == b.Path && a.Message == b.Message }), nil
}

// boundWork lets each application of a schema to a value take a step, through
// what the library calls for the keyword format, and ends a validation without
// steps left. That keyword has no other effect then.
func (s *Schema) boundWork() {
	s.bound = true
	count := &jsonschema.Format{Validate: func(any) error {
		if s.left--; s.left < 0 {
			panic(errWork)
		}
		return nil
	}}
	eachSchema(reflect.ValueOf(s.compiled), map[*jsonschema.Schema]bool{}, func(sub *jsonschema.Schema) { sub.Format = count })
}

// eachSchema calls f with a schema and those that it refers to.
func eachSchema(v reflect.Value, seen map[*jsonschema.Schema]bool, f func(*jsonschema.Schema)) {
	switch v.Kind() {
	case reflect.Interface:
		eachSchema(v.Elem(), seen, f)
	case reflect.Pointer:
		switch p := v.Interface().(type) {
		case *jsonschema.Schema:
			if p == nil || seen[p] {
				return
			}
			seen[p] = true
			f(p)
			eachSchema(v.Elem(), seen, f)
		case *jsonschema.DynamicRef:
			if p != nil {
				eachSchema(v.Elem(), seen, f)
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				eachSchema(v.Field(i), seen, f)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			eachSchema(v.Index(i), seen, f)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			eachSchema(v.MapIndex(key), seen, f)
		}
	}
}
