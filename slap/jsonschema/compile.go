package jsonschema

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Limits of a schema with all that it refers to.
const (
	maxDocuments = 100
	maxParts     = 10_000 // objects and booleans: what can be a schema
	maxDepth     = 200
	maxProgram   = 1_000_000 // instructions of all regular expressions
)

// A Reader returns the bytes of a location: an http(s) URL, or an absolute path.
type Reader func(location string) ([]byte, error)

// maxRepairs is how often a schema is looked through for what makes no sense.
const maxRepairs = 30

// Compile reads a schema, which is at an http(s) URL or a path, and those that
// it refers to, relative to where they are or to their $id. Errors of read are
// wrapped.
//
// A part that makes no sense, or refers to what cannot be had, is left out: see
// [Schema.Unchecked]. A schema that is too large, or wants what it may not have, is an
// error as a whole.
func Compile(location string, read Reader) (*Schema, error) {
	return new(Documents).Compile(location, read)
}

// Compile is the function of that name. What was read before is not read again.
func (d *Documents) Compile(location string, read Reader) (s *Schema, err error) {
	w := newWork()
	l := newLoader(read, d, w.matching)
	defer func() { // of the library, over what it does not expect
		if r := recover(); r != nil {
			s, err = nil, fmt.Errorf("it cannot be compiled: %v", r)
		}
	}()
	if !onWeb(location) {
		path, err := filepath.Abs(location)
		if err != nil {
			return nil, err
		}
		location = (&url.URL{Scheme: "file", Path: filepath.ToSlash(path)}).String()
	}
	r := &repairer{loader: l, seen: map[uintptr]bool{}}
	if _, err := l.Load(location); err != nil {
		return nil, err
	}
	var compiled *jsonschema.Schema
	for n := 0; ; n++ {
		clear(r.seen) // what was taken out may have hidden something
		r.walk(location, l.docs[location], place{base: location})
		r.fill(true)
		if n == 0 {
			if s := d.compileInPool(location, r); s != nil {
				return s, nil
			}
		}
		compiled, err = l.compile(location, true)
		if l.err != nil {
			return nil, l.err
		}
		if err == nil {
			break
		}
		if n == maxRepairs || !r.invalid(err) {
			return nil, plainCompileError(err)
		}
	}
	s = newSchema(compiled, w)
	s.unchecked = r.applied(s)
	if len(s.unchecked) == 0 {
		return s, nil
	}
	slices.SortFunc(s.unchecked, func(a, b Part) int { return cmp.Compare(a.Location, b.Location) })
	s.unlikely = sync.OnceValues(func() (*jsonschema.Schema, error) {
		r.fill(false)
		compiled, err := l.compile(location, false)
		if err = cmp.Or(l.err, err); err != nil {
			return nil, err
		}
		w.bound(partsOf(compiled))
		return compiled, nil
	})
	return s, nil
}

func newSchema(compiled *jsonschema.Schema, w *work) *Schema {
	s := &Schema{likely: compiled, parts: partsOf(compiled), work: w,
		namings: map[*jsonschema.Schema]*naming{}, known: map[*jsonschema.Schema]*naming{}}
	w.bound(s.parts)
	return s
}

// partsOf returns a schema and those that it refers to, by location.
func partsOf(compiled *jsonschema.Schema) map[string]*jsonschema.Schema {
	parts := map[string]*jsonschema.Schema{}
	eachSchema(compiled, map[*jsonschema.Schema]bool{}, func(sub *jsonschema.Schema) { parts[sub.Location] = sub })
	return parts
}

// compile lets the library compile the documents as they are. A pattern that cannot be
// applied matches everything, or nothing.
func (l *loader) compile(location string, match bool) (*jsonschema.Schema, error) {
	return l.libraryCompiler(l, match).Compile(location)
}

func (l *loader) libraryCompiler(documents jsonschema.URLLoader, match bool) *jsonschema.Compiler {
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.UseLoader(documents)
	c.UseRegexpEngine(func(pattern string) (jsonschema.Regexp, error) { return l.regexp(pattern, match) })
	return c
}

// plainCompileError says what is wrong with a schema in the words of a
// violation.
func plainCompileError(err error) error {
	var invalid *jsonschema.SchemaValidationError
	var cause *jsonschema.ValidationError
	if !errors.As(err, &invalid) || !errors.As(invalid.Err, &cause) {
		return err
	}
	r := report{}
	list := r.violations(cause)
	if len(list) == 0 {
		return err
	}
	slices.SortFunc(list, compareViolations)
	return fmt.Errorf("at %s/%s: %s", strings.TrimSuffix(invalid.URL, "/"), strings.Join(list[0].Location, "/"), list[0].Message)
}

// onWeb reports whether a location is one for a client of the web.
func onWeb(location string) bool {
	scheme, _, ok := strings.Cut(location, "://")
	return ok && (strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https"))
}

// references are the keywords that name another document, or say where a schema
// is.
var references = []string{"$ref", "$id", "id", "$schema", "$dynamicRef", "$recursiveRef"}

var errParts = fmt.Errorf("the schema has more than %d parts", maxParts)

// check refuses a document that is too large, and one from the web that names
// local files: whoever wrote it is not to learn what is in them.
func check(doc any, web bool, depth int, parts *int) error {
	if depth > maxDepth {
		return fmt.Errorf("it is nested more than %d deep", maxDepth)
	}
	switch doc := doc.(type) {
	case bool:
		*parts++
	case []any:
		for _, item := range doc {
			if err := check(item, web, depth+1, parts); err != nil {
				return err
			}
		}
	case map[string]any:
		*parts++
		for key, value := range doc {
			text, ok := value.(string)
			if ok && web && slices.Contains(references, key) && isFile(text) {
				return fmt.Errorf("%s: a schema from the web cannot refer to the local file %s", key, text)
			}
			if err := check(value, web, depth+1, parts); err != nil {
				return err
			}
		}
	}
	if *parts > maxParts {
		return errParts
	}
	return nil
}

func isFile(reference string) bool {
	u, err := url.Parse(reference)
	return err != nil || strings.EqualFold(u.Scheme, "file")
}

// dialects are the values of $schema that the library knows.
var dialects = []string{
	"json-schema.org/schema", "json-schema.org/draft/2020-12/schema", "json-schema.org/draft/2019-09/schema",
	"json-schema.org/draft-07/schema", "json-schema.org/draft-06/schema", "json-schema.org/draft-04/schema",
}

// dropDialects removes each $schema that names no known dialect, so that it is
// not looked for on the web.
func dropDialects(doc any) {
	switch doc := doc.(type) {
	case []any:
		for _, item := range doc {
			dropDialects(item)
		}
	case map[string]any:
		if text, ok := doc["$schema"].(string); ok {
			_, name, _ := strings.Cut(text, "://")
			if !slices.Contains(dialects, strings.TrimSuffix(name, "#")) {
				delete(doc, "$schema")
			}
		}
		for _, value := range doc {
			dropDialects(value)
		}
	}
}
