package jsonschema

import (
	"errors"
	"regexp"
	"regexp/syntax"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// regexp compiles for the library. What package regexp does not take, such as
// a look-ahead, matches everything, or nothing.
func (l *loader) regexp(pattern string, match bool) (jsonschema.Regexp, error) {
	if compiled, ok := l.patterns[pattern]; ok {
		return compiled, nil
	}
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return &wildcard{pattern, match}, nil
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
	l.patterns[pattern] = &boundPattern{compiled, len(program.Inst), l.matching}
	return l.patterns[pattern], nil
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

// A wildcard matches every text, or none.
type wildcard struct {
	pattern string
	match   bool
}

func (e *wildcard) String() string          { return e.pattern }
func (e *wildcard) MatchString(string) bool { return e.match }
