package lang

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.starlark.net/syntax"
)

// maxImports is how many import statements one source may have: each is found by the
// parser, which then begins again.
const maxImports = 50

// importLine is a statement of Python that Starlark does not have.
var importLine = regexp.MustCompile(`^([ \t]*)(import|from)[ \t]+([^#;]*)`)

// parse parses a source as Starlark. "import json", of a module that is there without it,
// does nothing: a script of slapos console pastes in. Any other import is an error.
func parse(dialect *syntax.FileOptions, name string, source []byte) (*syntax.File, error) {
	for range maxImports {
		file, err := dialect.Parse(name, source, 0)
		wrong, ok := errors.AsType[syntax.Error](err)
		if !ok {
			return file, err
		}
		at, end := lineAt(source, int(wrong.Pos.Line))
		match := importLine.FindSubmatch(source[at:end])
		if match == nil || int(wrong.Pos.Col) != len(match[1])+1 {
			return nil, err
		}
		if err := checkImport(string(match[2]), strings.TrimSpace(string(match[3]))); err != nil {
			return nil, &importError{wrong.Pos, err}
		}
		// A block may have no other statement.
		source = slices.Concat(source[:at], match[1], []byte("pass"), bytes.Repeat([]byte(" "), len(match[0])-len(match[1])-len("pass")), source[at+len(match[0]):])
	}
	return dialect.Parse(name, source, 0)
}

// lineAt returns where a line begins and ends; lines count from 1.
func lineAt(source []byte, line int) (at, end int) {
	for range line - 1 {
		i := bytes.IndexByte(source[at:], '\n')
		if i < 0 {
			return len(source), len(source)
		}
		at += i + 1
	}
	if i := bytes.IndexByte(source[at:], '\n'); i >= 0 {
		return at, at + i
	}
	return at, len(source)
}

// checkImport returns an error unless the names that are imported are there as they are.
func checkImport(word, what string) error {
	if word == "from" {
		return Hint(fmt.Errorf("from %s: files import nothing", firstWord(what)), `load("FILE", "NAME") takes a name from another file; the modules are there without an import: `+moduleNames())
	}
	for _, name := range strings.Split(what, ",") {
		words := strings.Fields(name)
		switch {
		case len(words) == 3 && words[1] == "as" && modules.Has(words[0]):
			return Hint(fmt.Errorf("import %s: a module keeps its name", words[0]), fmt.Sprintf("write %s = %s", words[2], words[0]))
		case len(words) != 1 || !modules.Has(words[0]):
			err := fmt.Errorf("import: there is no module %q", firstWord(name))
			return Hint(err, `load("FILE", "NAME") takes a name from another file; these modules are there without an import: `+moduleNames())
		}
	}
	return nil
}

func firstWord(s string) string {
	if words := strings.Fields(s); len(words) > 0 {
		return words[0]
	}
	return ""
}

func moduleNames() string { return strings.Join(modules.Keys(), ", ") }

// An importError is an import of something that is not there.
type importError struct {
	at  syntax.Position
	err error
}

func (e *importError) Error() string { return e.err.Error() }
func (e *importError) Unwrap() error { return e.err }
