package format

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.starlark.net/syntax"
)

// compare returns an error unless two files mean the same and have the same
// comments.
func (f *file) compare(other *file) error {
	for i, s := range f.tree.Stmts {
		if i >= len(other.tree.Stmts) || shape(s) != shape(other.tree.Stmts[i]) {
			at := syntax.Start(s)
			return &Error{f.name, int(at.Line), int(at.Col), "this cannot be formatted without changing what it means"}
		}
	}
	if len(f.tree.Stmts) != len(other.tree.Stmts) {
		return &Error{f.name, 1, 1, "it cannot be formatted without changing what it means"}
	}
	if !slices.Equal(f.comments, other.comments) {
		return &Error{f.name, 1, 1, "it cannot be formatted without losing a comment"}
	}
	return nil
}

// commentsOf returns the comments of a source that was parsed, sorted, since a
// comment may come to stand before what it stood in.
func commentsOf(source []byte) []string {
	var list []string
	for text := string(source); text != ""; {
		size := 1
		switch text[0] {
		case '#':
			comment, _, _ := strings.Cut(text, "\n")
			size = len(comment)
			list = append(list, strings.TrimSpace(comment))
		case '"', '\'':
			size = literalSize(text)
		}
		text = text[size:]
	}
	slices.Sort(list)
	return list
}

// literalSize returns the length of the text literal that text starts with. A
// backslash keeps a quote from ending it, in a raw one too.
func literalSize(text string) int {
	quote := text[:1]
	if strings.HasPrefix(text, strings.Repeat(quote, 3)) {
		quote = text[:3]
	}
	for i := len(quote); i < len(text); i++ {
		switch {
		case text[i] == '\\':
			i++
		case strings.HasPrefix(text[i:], quote):
			return i + len(quote)
		}
	}
	return len(text)
}

// shape writes a syntax tree without positions, comments, parentheses and the
// way in which literals are spelled.
func shape(n syntax.Node) string {
	var b strings.Builder
	writeShape(&b, reflect.ValueOf(n))
	return b.String()
}

// formal are the fields of syntax nodes that say nothing of the meaning.
var formal = []string{"commentsRef", "Raw", "Function", "Binding"}

func writeShape(b *strings.Builder, v reflect.Value) {
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		if v.IsNil() {
			b.WriteString("nil")
			return
		}
		switch n := v.Interface().(type) {
		case *syntax.ParenExpr:
			writeShape(b, reflect.ValueOf(n.X))
		case *syntax.Literal:
			fmt.Fprintf(b, "%T %#v", n.Value, fmt.Sprint(n.Value))
		default:
			writeShape(b, v.Elem())
		}
	case reflect.Struct:
		b.WriteString(v.Type().Name() + "(")
		for i := range v.NumField() {
			field := v.Type().Field(i)
			switch {
			case field.Type == reflect.TypeFor[syntax.Position](), slices.Contains(formal, field.Name):
			default:
				writeShape(b, v.Field(i))
				b.WriteByte(' ')
			}
		}
		b.WriteByte(')')
	case reflect.Slice:
		b.WriteByte('[')
		for i := range v.Len() {
			writeShape(b, v.Index(i))
			b.WriteByte(' ')
		}
		b.WriteByte(']')
	default: // a name, an operator, a flag
		fmt.Fprintf(b, "%#v", v.Interface())
	}
}
