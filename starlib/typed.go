package starlib

import (
	"errors"
	"slices"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"slapstar/engine"
	"slapstar/slap"
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
	text = dedent(text)
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
	if slices.ContainsFunc(s.secrets, func(p engine.Part) bool { return strings.Contains(text, p.Literal) }) {
		return true
	}
	file, err := consoleDialect.Parse("", dedent(text), 0)
	if err != nil {
		return slap.LooksSecret("", text) || roughlySensitive(text)
	}
	found := false
	check := func(key, value syntax.Expr) {
		name := literalText(key)
		if id, ok := key.(*syntax.Ident); ok {
			name = id.Name
		}
		if text := literalText(value); text != "" && slap.LooksSecret(name, text) {
			found = true
		}
	}
	syntax.Walk(file, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.DictEntry:
			check(n.Key, n.Value)
		case *syntax.AssignStmt:
			check(n.LHS, n.RHS)
		case *syntax.BinaryExpr: // name=value in a call, or a comparison
			check(n.X, n.Y)
		case *syntax.Literal:
			check(nil, n)
		}
		return !found
	})
	return found
}

func literalText(e syntax.Expr) string {
	if l, ok := e.(*syntax.Literal); ok {
		text, _ := l.Value.(string)
		return text
	}
	return ""
}

// roughlySensitive is for what is no Starlark: a word that names a credential,
// and a string behind it.
func roughlySensitive(text string) bool {
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("\"'={}(),: ", r) }) {
		if slap.LooksSecret(part, "") && !starlark.Universe.Has(part) {
			return strings.ContainsAny(text, "\"'")
		}
	}
	return false
}
