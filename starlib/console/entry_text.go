package console

import (
	"errors"
	"slices"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"slapstar/engine"
	"slapstar/slap/credential"
)

// Unfinished reports whether an entry goes on in the next line: a bracket or a
// string is open, or a block, which an empty line ends.
func Unfinished(text string) bool {
	if strings.TrimSpace(text) == "" {
		return false
	}
	if strings.HasSuffix(text, "\\") {
		return true
	}
	text = dedent(withoutPrompts(text))
	if strings.TrimSpace(text) == "" {
		return false
	}
	file, err := consoleDialect.Parse("", text+"\n", 0)
	if err != nil {
		var parse syntax.Error
		if !errors.As(err, &parse) {
			return false
		}
		behind := int(parse.Pos.Line) > strings.Count(text, "\n")+1 // what is wrong is that nothing comes
		return behind || strings.Contains(parse.Msg, "end of file") || strings.Contains(parse.Msg, "EOF")
	}
	if len(file.Stmts) == 0 {
		return false
	}
	lastLine := text[strings.LastIndexByte(text, '\n')+1:]
	switch file.Stmts[len(file.Stmts)-1].(type) {
	case *syntax.DefStmt, *syntax.ForStmt, *syntax.IfStmt, *syntax.WhileStmt:
		return strings.TrimSpace(lastLine) != ""
	}
	return false
}

// dedent takes away the white space that all lines begin with: of a block that was
// pasted from inside of another, and of an entry that is not to be remembered.
func dedent(text string) string {
	lines := strings.Split(text, "\n")
	first := ""
	for i, line := range lines {
		rest := strings.TrimLeft(line, " \t")
		if rest == "" {
			continue
		}
		indent := line[:len(line)-len(rest)]
		if first == "" {
			if first = indent; first == "" {
				return text
			}
		}
		if !strings.HasPrefix(line, first) {
			return text // as it is: the parser says what is wrong
		}
		lines[i] = line[len(first):]
	}
	return strings.Join(lines, "\n")
}

// Sensitive reports whether an entry is not to be kept: it holds the value of a
// secret, or what looks like a credential is written in it.
func (s *Session) Sensitive(text string) bool {
	if s.hides(text) || slices.ContainsFunc(s.secrets, func(p engine.Part) bool { return strings.Contains(text, p.Literal) }) {
		return true
	}
	file, err := consoleDialect.Parse("", dedent(withoutPrompts(text)), 0)
	if err != nil {
		return credential.Value(text) || roughlySensitive(text)
	}
	found := false
	check := func(key, value syntax.Expr) {
		if text := literalText(value); text != "" && credential.Parameter(nameIn(key), text) {
			found = true
		}
	}
	syntax.Walk(file, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.DictEntry:
			check(n.Key, n.Value)
		case *syntax.AssignStmt:
			check(n.LHS, n.RHS)
			names, values := elements(n.LHS), elements(n.RHS)
			for i := range min(len(names), len(values)) {
				check(names[i], values[i])
			}
		case *syntax.TupleExpr, *syntax.ListExpr: // a key and its value, as update takes them
			if pair := elements(n.(syntax.Expr)); len(pair) == 2 {
				check(pair[0], pair[1])
			}
		case *syntax.CallExpr:
			if f, ok := n.Fn.(*syntax.DotExpr); ok && f.Name.Name == "setdefault" && len(n.Args) == 2 {
				check(n.Args[0], n.Args[1])
			}
		case *syntax.BinaryExpr: // name=value in a call, or a comparison
			check(n.X, n.Y)
		case *syntax.Literal:
			check(nil, n)
		}
		return !found
	})
	return found
}

// nameIn is the name under which an expression keeps a value.
func nameIn(e syntax.Expr) string {
	switch e := e.(type) {
	case *syntax.ParenExpr:
		return nameIn(e.X)
	case *syntax.Ident:
		return e.Name
	case *syntax.DotExpr:
		return e.Name.Name
	case *syntax.IndexExpr:
		return literalText(e.Y)
	}
	return literalText(e)
}

// elements are those of a tuple or a list.
func elements(e syntax.Expr) []syntax.Expr {
	switch e := e.(type) {
	case *syntax.ParenExpr:
		return elements(e.X)
	case *syntax.TupleExpr:
		return e.List
	case *syntax.ListExpr:
		return e.List
	}
	return nil
}

// literalText is the first text that is written in an expression which is, or puts
// together, text.
func literalText(e syntax.Expr) string {
	switch e := e.(type) {
	case *syntax.Literal:
		text, _ := e.Value.(string)
		return text
	case *syntax.ParenExpr:
		return literalText(e.X)
	case *syntax.BinaryExpr:
		if text := literalText(e.X); text != "" || e.Op == syntax.EQ {
			return text
		}
		return literalText(e.Y)
	}
	return ""
}

// roughlySensitive is for what is no Starlark: a word that names a credential,
// and a string behind it.
func roughlySensitive(text string) bool {
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("\"'={}(),: ", r) }) {
		if credential.Key(part) && !starlark.Universe.Has(part) {
			return strings.ContainsAny(text, "\"'")
		}
	}
	return false
}
