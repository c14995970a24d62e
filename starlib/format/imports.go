package format

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.starlark.net/syntax"
)

// importLine is a statement of Python that Starlark does not have. An evaluation lets
// "import json" pass, of a module that is there without it.
var importLine = regexp.MustCompile(`^([ \t]*)((?:import|from)[ \t]+[^#;\\()\s][^#;\\()]*)(?:[#;]|$)`)

// maxImports is how many of them a file may have: each is found by the parser, which then
// begins again.
const maxImports = 50

// An importStatement is one, and the name that stands for it while a file is laid out.
type importStatement struct{ name, text string }

// takeImports puts a name in the place of each import.
func takeImports(source []byte) ([]byte, []importStatement) {
	var options syntax.FileOptions
	var taken []importStatement
	for range maxImports {
		_, err := options.Parse("", source, 0)
		wrong, ok := errors.AsType[syntax.Error](err)
		if !ok {
			break
		}
		at := startOf(source, int(wrong.Pos.Line))
		end := len(source)
		if i := bytes.IndexByte(source[at:], '\n'); i >= 0 {
			end = at + i
		}
		match := importLine.FindSubmatch(source[at:end])
		if match == nil || int(wrong.Pos.Col) != len(match[1])+1 {
			break
		}
		s := importStatement{fmt.Sprintf("import_%d_", len(taken)), plainImport(string(match[2]))}
		for bytes.Contains(source, []byte(s.name)) {
			s.name += "_"
		}
		statement := bytes.TrimRight(match[2], " \t")
		begin := at + len(match[1])
		source = slices.Concat(source[:begin], []byte(s.name), source[begin+len(statement):])
		taken = append(taken, s)
	}
	return source, taken
}

// putImports puts imports where their names stand.
func putImports(text []byte, taken []importStatement) []byte {
	for _, s := range taken {
		text = bytes.Replace(text, []byte(s.name), []byte(s.text), 1)
	}
	return text
}

// plainImport writes an import with one blank where some are.
func plainImport(statement string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(strings.ReplaceAll(statement, ",", " , ")), " "), " ,", ",")
}

// startOf returns where a line begins; lines count from 1.
func startOf(source []byte, line int) int {
	at := 0
	for range line - 1 {
		i := bytes.IndexByte(source[at:], '\n')
		if i < 0 {
			return len(source)
		}
		at += i + 1
	}
	return at
}
