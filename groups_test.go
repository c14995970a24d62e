package slapstar_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"
)

// TestImportGroups holds all Go files to one form of imports: the standard
// library, third parties, this module. Each group is sorted, and a blank line is
// between two of them.
func TestImportGroups(t *testing.T) {
	for _, file := range sources(t, ".go") {
		files := token.NewFileSet()
		parsed, err := parser.ParseFile(files, file, nil, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			t.Error(err)
			continue
		}
		if err := checkGroups(files, parsed); err != nil {
			t.Error(err)
		}
	}
}

// checkGroups returns the first import that is not where it has to be.
func checkGroups(files *token.FileSet, file *ast.File) error {
	last := struct {
		path  string
		group int
		line  int
	}{group: -1}
	for n, spec := range file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return err
		}
		begin := spec.Pos()
		if spec.Doc != nil {
			begin = spec.Doc.Pos()
		}
		position, group := files.Position(begin), importGroup(path)
		apart := position.Line > last.line+1
		switch {
		case group < last.group:
			return fmt.Errorf("%v: %s comes after %s: want the standard library, third parties, slapstar", position, path, last.path)
		case n > 0 && group > last.group && !apart:
			return fmt.Errorf("%v: %s follows %s: want a blank line between two groups", position, path, last.path)
		case n > 0 && group == last.group && apart:
			return fmt.Errorf("%v: %s is apart from %s: want no blank line within a group", position, path, last.path)
		case group == last.group && path < last.path:
			return fmt.Errorf("%v: %s comes after %s: want a group sorted", position, path, last.path)
		}
		last.path, last.group, last.line = path, group, files.Position(spec.End()).Line
	}
	return nil
}

// importGroup is the place of an import among the three groups.
func importGroup(path string) int {
	first, _, _ := strings.Cut(path, "/")
	switch {
	case first == "slapstar":
		return 2
	case strings.Contains(first, "."):
		return 1
	}
	return 0
}

func TestCheckGroups(t *testing.T) {
	for _, test := range []struct{ imports, want string }{
		{"import (\n\"a\"\n\"b/c\"\n\nx \"d.e/f\"\n\n\"slapstar/g\"\n)", ""},
		{"import \"a\"", ""},
		{"import (\n\"a\"\n// why\n\"b\"\n)", ""},
		{"import (\n\"a\"\n\n\"slapstar/g\"\n)", ""},
		{"import (\n\"slapstar/g\"\n\n\"d.e/f\"\n)", "d.e/f comes after slapstar/g"},
		{"import (\n\"a\"\n\"d.e/f\"\n)", "d.e/f follows a"},
		{"import (\n\"a\"\n\n\"b\"\n)", "b is apart from a"},
		{"import (\n\"b\"\n\"a\"\n)", "a comes after b"},
		{"import \"a\"\nimport (\n\"b\"\n)", "b is apart from a"},
	} {
		files := token.NewFileSet()
		parsed, err := parser.ParseFile(files, "x.go", "package x\n"+test.imports, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if err := checkGroups(files, parsed); err == nil && test.want != "" || err != nil && (test.want == "" || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s\ngot %v, want %q", test.imports, err, test.want)
		}
	}
}
