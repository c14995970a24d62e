package starlib

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"go.starlark.net/syntax"

	"slapstar/starlib/lang"
)

//go:embed stub.star
var stubSource string

// A Definition documents a predeclared name, or a method of one.
type Definition struct {
	Name      string // such as request or instance.getState
	Signature string // such as supply(software_release, computer_guid, state = "available"); empty for a value
	Params    []string
	Doc       string // the first line says what it is for
	Console   bool   // only slapstar console has it
}

// consoleMark starts the documentation of what only the console has.
const consoleMark = "In the console"

// Summary is the first line of the documentation, as it reads in the console.
func (d Definition) Summary() string {
	first, _, _ := strings.Cut(d.Doc, "\n")
	if rest, ok := strings.CutPrefix(first, consoleMark+": "); ok {
		return strings.ToUpper(rest[:1]) + rest[1:]
	}
	return first
}

// Reference returns what every file may use, in the order in which it is to be
// read.
var Reference = sync.OnceValue(func() []Definition {
	f, err := lang.Dialect.Parse("stub.star", stubSource, 0)
	if err != nil {
		panic(err) // it is part of the program
	}
	var list []Definition
	for _, s := range f.Stmts {
		switch s := s.(type) {
		case *syntax.DefStmt:
			e := Definition{Name: strings.Replace(s.Name.Name, "__", ".", 1)}
			var params []string
			for _, p := range s.Params {
				text, name := parameterSource(p)
				params = append(params, text)
				if name != "" {
					e.Params = append(e.Params, name)
				}
			}
			e.Signature = fmt.Sprintf("%s(%s)", e.Name, strings.Join(params, ", "))
			if doc, ok := s.Body[0].(*syntax.ExprStmt); ok {
				e.Doc = docText(doc.X)
				e.Console = strings.HasPrefix(e.Doc, consoleMark)
			}
			list = append(list, e)
		case *syntax.AssignStmt:
			list = append(list, Definition{Name: s.LHS.(*syntax.Ident).Name, Doc: docText(s.RHS)})
		}
	}
	return list
})

// parameterSource is a parameter as it is written, and its name if it can be given
// by that.
func parameterSource(p syntax.Expr) (text, name string) {
	switch p := p.(type) {
	case *syntax.Ident:
		return p.Name, p.Name
	case *syntax.BinaryExpr:
		name := p.X.(*syntax.Ident).Name
		return name + " = " + literalSource(p.Y), name
	case *syntax.UnaryExpr:
		text := p.Op.String()
		if p.X != nil {
			text += p.X.(*syntax.Ident).Name
		}
		return text, ""
	}
	return "", ""
}

func literalSource(e syntax.Expr) string {
	switch e := e.(type) {
	case *syntax.Literal:
		return e.Raw
	case *syntax.Ident:
		return e.Name
	}
	return "[]"
}

// docText is a docstring without the indentation that its place gives it.
func docText(e syntax.Expr) string {
	literal, ok := e.(*syntax.Literal)
	if !ok {
		return ""
	}
	text, _ := literal.Value.(string)
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.TrimPrefix(lines[i], "    ")
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}
