// Package format lays out Starlark source in the one form that slapstar fmt
// gives it: that of buildifier for plain Starlark, without its rewrites, so that
// nothing is reordered, renamed or dropped.
//
// What it returns is compared with what it was given: a file that would mean
// something else afterwards, or lose a comment, is refused.
//
// The package knows nothing of files on a disk, nor of what the words of a file
// mean.
package format

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/bazelbuild/buildtools/build"
	"go.starlark.net/syntax"
)

const (
	maxSize  = 8 << 20 // bytes of a file, as in an evaluation
	maxDepth = 10_000  // of nested syntax
	maxTurns = 8       // until the result is its own result
)

// An Error says what keeps a file from being formatted, and where.
type Error struct {
	File         string
	Line, Column int
	Message      string
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
}

// Source returns the formatted form of a file; name stands in errors, which are
// of type [*Error]. Formatting the result changes nothing. Lines end with a line
// feed, and a byte order mark is dropped.
func Source(name string, source []byte) ([]byte, error) {
	if len(source) > maxSize {
		return nil, &Error{name, 1, 1, fmt.Sprintf("the file is longer than %d MiB", maxSize>>20)}
	}
	source = bytes.TrimPrefix(source, []byte("\uFEFF"))
	if err := checkText(name, source); err != nil {
		return nil, err
	}
	source = bytes.ReplaceAll(source, []byte("\r\n"), []byte("\n"))
	source = bytes.ReplaceAll(source, []byte("\r"), []byte("\n"))
	source, imports := takeImports(source)
	want, err := read(name, source)
	if err != nil {
		return nil, err
	}
	if err := want.checkDialect(); err != nil {
		return nil, err
	}
	text := source
	for range maxTurns {
		before := text
		if text, err = layOut(name, want.expandTabs(text)); err != nil {
			return nil, err
		}
		got, err := read(name, text)
		if err != nil {
			return nil, &Error{name, 1, 1, fmt.Sprintf("it cannot be formatted: what would come out is not understood: %v", err)}
		}
		if err := want.compare(got); err != nil {
			return nil, err
		}
		if bytes.Equal(text, before) {
			return putImports(text, imports), nil
		}
		want = got
	}
	return nil, &Error{name, 1, 1, "it cannot be formatted: it does not come to rest"}
}

// checkText refuses what is no text, as an evaluation does.
func checkText(name string, source []byte) error {
	line, column := 1, 1
	for i := 0; i < len(source); {
		r, size := utf8.DecodeRune(source[i:])
		switch {
		case r == 0:
			return &Error{name, line, column, "there is a NUL byte: this is no text, or a damaged file"}
		case r == utf8.RuneError && size == 1:
			return &Error{name, line, column, fmt.Sprintf("byte %#x is not UTF-8: save the file as UTF-8", source[i])}
		}
		i += size
		column++
		if r == '\n' {
			line, column = line+1, 1
		}
	}
	return nil
}

// layOut is one turn of the formatter.
func layOut(name string, source []byte) (text []byte, err error) {
	defer func() { // of its printer; its parser recovers by itself
		if r := recover(); r != nil {
			text, err = nil, &Error{name, 1, 1, fmt.Sprintf("it cannot be formatted: %v", r)}
		}
	}()
	file, err := build.ParseDefault(name, bytes.Clone(source)) // it appends to what it is given
	var syntaxError build.ParseError
	switch {
	case errors.As(err, &syntaxError):
		return nil, &Error{name, syntaxError.Pos.Line, syntaxError.Pos.LineRune, "it cannot be formatted: " + syntaxError.Message}
	case err != nil:
		return nil, &Error{name, 1, 1, "it cannot be formatted: " + err.Error()}
	}
	build.Walk(file, func(x build.Expr, _ []build.Expr) {
		if s, ok := x.(*build.StringExpr); ok {
			s.Token = doubleQuoted(s.Token)
		}
	})
	return build.FormatWithoutRewriting(file), nil
}

// doubleQuoted turns a literal in single quotes into one in double quotes if
// nothing else has to change. The printer would do so too, and write what is not
// ASCII as the bytes of its UTF-8 form, which Starlark refuses.
func doubleQuoted(token string) string {
	if !strings.HasPrefix(token, "'") || strings.Contains(token, `"`) {
		return token
	}
	quotes := 1
	if len(token) >= 6 && strings.HasPrefix(token, "'''") {
		quotes = 3
	}
	var b strings.Builder
	b.WriteString(strings.Repeat(`"`, quotes))
	for body := token[quotes : len(token)-quotes]; body != ""; {
		size := 1
		if body[0] == '\\' {
			size = 2
		}
		if part := body[:size]; part == `\'` {
			b.WriteByte('\'')
		} else {
			b.WriteString(part)
		}
		body = body[size:]
	}
	b.WriteString(strings.Repeat(`"`, quotes))
	return b.String()
}

// A file is what Starlark reads in a source.
type file struct {
	name     string
	tree     *syntax.File
	comments []string // sorted
}

// read parses a source as an evaluation does.
func read(name string, source []byte) (*file, error) {
	var options syntax.FileOptions // they do not change how a file is parsed
	tree, err := options.Parse(name, source, 0)
	if err == nil {
		err = checkDepth(tree)
	}
	var syntaxError syntax.Error
	switch {
	case errors.As(err, &syntaxError):
		return nil, &Error{name, int(syntaxError.Pos.Line), int(syntaxError.Pos.Col), syntaxError.Msg}
	case err != nil:
		return nil, &Error{name, 1, 1, err.Error()}
	}
	return &file{name: name, tree: tree, comments: commentsOf(source)}, nil
}

func checkDepth(tree *syntax.File) error {
	depth := 0
	var deep syntax.Node
	syntax.Walk(tree, func(n syntax.Node) bool {
		if n == nil {
			depth--
			return false
		}
		if depth == maxDepth {
			if deep == nil {
				deep = n
			}
			return false
		}
		depth++
		return true
	})
	if deep != nil {
		return syntax.Error{Pos: syntax.Start(deep), Msg: fmt.Sprintf("this is nested more than %d deep", maxDepth)}
	}
	return nil
}

// checkDialect refuses what buildifier does not know, in other words than
// "syntax error".
func (f *file) checkDialect() (err error) {
	refuse := func(n syntax.Node, what string) {
		if at := syntax.Start(n); err == nil {
			err = &Error{f.name, int(at.Line), int(at.Col), what + " cannot be formatted"}
		}
	}
	syntax.Walk(f.tree, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.WhileStmt:
			refuse(n, "a while loop")
		case *syntax.Literal:
			if n.Token == syntax.BYTES {
				refuse(n, "a literal of bytes")
			}
		}
		return true
	})
	return err
}

// expandTabs puts spaces in the place of tabs at the start of lines, which the
// formatter does not count, up to the columns that Starlark counts: multiples of
// eight. Lines that start inside of a literal stay.
func (f *file) expandTabs(source []byte) []byte {
	if !bytes.Contains(source, []byte("\t")) {
		return source
	}
	literal := map[int]bool{} // lines that start inside of one
	syntax.Walk(f.tree, func(n syntax.Node) bool {
		if l, ok := n.(*syntax.Literal); ok {
			first := int(l.TokenPos.Line)
			for line := range strings.Count(l.Raw, "\n") {
				literal[first+line+1] = true
			}
		}
		return true
	})
	var b bytes.Buffer
	for n, line := range bytes.SplitAfter(source, []byte("\n")) {
		if !literal[n+1] {
			body := bytes.TrimLeft(line, " \t")
			column := 0
			for _, c := range line[:len(line)-len(body)] {
				column++
				if c == '\t' {
					column = (column + 7) &^ 7
				}
			}
			b.WriteString(strings.Repeat(" ", column))
			line = body
		}
		b.Write(line)
	}
	return b.Bytes()
}
