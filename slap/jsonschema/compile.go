package jsonschema

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

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

// Compile reads a schema, which is at an http(s) URL or a path, and those that
// it refers to, relative to where they are or to their $id. Errors of read are
// wrapped.
func Compile(location string, read Reader) (s *Schema, err error) {
	l := &loader{read: read, matching: &matching{left: maxMatching}}
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
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.UseLoader(l)
	c.UseRegexpEngine(l.regexp)
	compiled, err := c.Compile(location)
	switch {
	case l.err != nil:
		return nil, l.err
	case err != nil:
		return nil, plainCompileError(err)
	}
	slices.Sort(l.unchecked)
	s = &Schema{compiled: compiled, unchecked: slices.Compact(l.unchecked), matching: l.matching}
	s.boundWork()
	return s, nil
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

// A loader reads the documents of one schema for the library, and keeps the
// first error, which the library would not pass on whole.
type loader struct {
	read      Reader
	documents int
	parts     int
	program   int
	err       error
	unchecked []string
	matching  *matching
}

func (l *loader) Load(location string) (any, error) {
	doc, err := l.load(location)
	if err != nil && l.err == nil {
		l.err = err
	}
	return doc, err
}

func (l *loader) load(location string) (any, error) {
	if l.documents++; l.documents > maxDocuments {
		return nil, fmt.Errorf("this schema is spread over more than %d files", maxDocuments)
	}
	u, err := url.Parse(location)
	if err != nil {
		return nil, err
	}
	from := location
	switch {
	case onWeb(location) && u.Host != "":
	case u.Scheme == "file" && u.Host == "":
		from = filepath.FromSlash(u.Path)
	default:
		return nil, fmt.Errorf("the schema refers to %s, want an http(s) URL or a path", location)
	}
	data, err := l.read(from)
	if err != nil {
		return nil, err
	}
	doc, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", from, err)
	}
	if err := l.check(doc, onWeb(location), 0); err != nil {
		return nil, fmt.Errorf("%s: %w", from, err)
	}
	dropDialects(doc)
	return doc, nil
}

// references are the keywords that name another document, or say where a schema
// is.
var references = []string{"$ref", "$id", "id", "$schema", "$dynamicRef", "$recursiveRef"}

// check refuses a document that is too large, and one from the web that names
// local files: whoever wrote it is not to learn what is in them.
func (l *loader) check(doc any, web bool, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("it is nested more than %d deep", maxDepth)
	}
	switch doc := doc.(type) {
	case bool:
		l.parts++
	case []any:
		for _, item := range doc {
			if err := l.check(item, web, depth+1); err != nil {
				return err
			}
		}
	case map[string]any:
		l.parts++
		for key, value := range doc {
			text, ok := value.(string)
			if ok && web && slices.Contains(references, key) && isFile(text) {
				return fmt.Errorf("%s: a schema from the web cannot refer to the local file %s", key, text)
			}
			if err := l.check(value, web, depth+1); err != nil {
				return err
			}
		}
	}
	if l.parts > maxParts {
		return fmt.Errorf("the schema has more than %d parts", maxParts)
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

// regexp compiles for the library. What package regexp does not take, such as
// a look-ahead, matches everything.
func (l *loader) regexp(pattern string) (jsonschema.Regexp, error) {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		l.unchecked = append(l.unchecked, pattern)
		return &wildcard{pattern}, nil
	}
	program, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return nil, err
	}
	if l.program += len(program.Inst); l.program > maxProgram {
		l.err = errors.New("the patterns of the schema are too long, or repeat too much")
		return nil, l.err
	}
	compiled, err := regexp.Compile(pattern)
	if err != nil {
		return nil, err
	}
	return &boundPattern{compiled, len(program.Inst), l.matching}, nil
}

// A matching is how much work the patterns of one validation may still do: a text of n
// bytes takes at most n times the instructions of a pattern.
type matching struct{ left int }

// A boundPattern ends a validation that matches too much.
type boundPattern struct {
	*regexp.Regexp
	instructions int
	matching     *matching
}

func (p *boundPattern) MatchString(text string) bool {
	if p.matching.left -= len(text) * p.instructions; p.matching.left < 0 {
		panic(errMatching)
	}
	return p.Regexp.MatchString(text)
}

// A wildcard matches every text.
type wildcard struct{ pattern string }

func (e *wildcard) String() string        { return e.pattern }
func (*wildcard) MatchString(string) bool { return true }
