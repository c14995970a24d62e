package lang

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"unicode/utf8"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"slapstar/engine"
	"slapstar/internal/tree"
)

// A module is a file that was loaded, or is being loaded.
type module struct {
	globals  starlark.StringDict
	err      error
	loadedBy string // the file and line that asked for it, for a cycle
	done     bool
}

// load implements the load statement: relative to the loading file, or with
// "//" from the root. A file is evaluated once.
func (e *Evaluation) load(thread *starlark.Thread, name string) (starlark.StringDict, error) {
	at := thread.CallFrame(0).Pos
	from := at.Filename()
	target, err := loadTarget(from, name)
	if err != nil {
		return nil, err
	}
	if m := e.modules[target]; m != nil && !m.done {
		return nil, fmt.Errorf("load cycle: %s is being loaded already%s", target, m.loadedBy)
	}
	return e.moduleFrom(target, fmt.Sprintf(", at %v", PositionOf(at)))
}

// module evaluates the entry file.
func (e *Evaluation) module(name string) (starlark.StringDict, error) {
	return e.moduleFrom(name, "")
}

func (e *Evaluation) moduleFrom(name, loadedBy string) (starlark.StringDict, error) {
	if m := e.modules[name]; m != nil {
		return m.globals, m.err
	}
	m := &module{loadedBy: loadedBy}
	e.modules[name] = m
	m.globals, m.err = e.evaluate(name)
	m.done = true
	return m.globals, m.err
}

func (e *Evaluation) evaluate(name string) (starlark.StringDict, error) {
	source, err := e.source(name)
	if err != nil {
		return nil, err
	}
	if err := e.count(source); err != nil {
		return nil, err
	}
	file, err := e.Parse(Dialect, name, source)
	if err != nil {
		return nil, err
	}
	globals, err := e.Run(file, e.predeclared)
	if err != nil {
		if name == e.name {
			e.met = &met{globals, outermost(err)}
		}
		return nil, err
	}
	for _, name := range globals.Keys() { // what is frozen must not be too deep to be gone through
		if err := checkKept("the value of "+name, globals[name]); err != nil {
			return nil, NewError(engine.Position{File: file.Path, Line: 1, Col: 1}, err)
		}
	}
	globals.Freeze()
	return globals, nil
}

// count counts what is loaded.
func (e *Evaluation) count(source []byte) error {
	e.files++
	e.bytes += len(source)
	switch {
	case e.files > maxFiles:
		return fmt.Errorf("more than %d files are loaded", maxFiles)
	case e.bytes > maxFileSize:
		return fmt.Errorf("the files that are loaded are longer than %d MiB together", maxFileSize>>20)
	}
	return nil
}

// Parse parses a source, which has to be text. That may take long, too: until its first
// statement is run the place is where it begins.
func (e *Evaluation) Parse(dialect *syntax.FileOptions, name string, source []byte) (*syntax.File, error) {
	e.marks.place.Set(engine.Position{File: name, Line: 1, Col: 1})
	if err := checkSource(name, source); err != nil {
		return nil, err
	}
	return parse(dialect, name, tree.Text(source))
}

// Run rewrites and runs a file that sees these names, and returns those that it
// binds.
func (e *Evaluation) Run(file *syntax.File, names starlark.StringDict) (starlark.StringDict, error) {
	if err := rewrite(file, e.marks); err != nil {
		return nil, err
	}
	program, err := starlark.FileProgram(file, names.Has)
	if err != nil {
		return nil, err
	}
	return program.Init(e.thread, names)
}

// checkSource refuses what is no text. starlark-go takes a NUL for the end of
// the file, and passes on bytes that are no UTF-8.
func checkSource(name string, source []byte) error {
	number := longNumber(source)
	if number < 0 && utf8.Valid(source) && !bytes.Contains(source, []byte{0}) {
		return nil
	}
	line, col := int32(1), int32(1)
	for i := 0; i < len(source); {
		r, size := utf8.DecodeRune(source[i:])
		switch {
		case i == number:
			return syntax.Error{Pos: syntax.MakePosition(&name, line, col), Msg: fmt.Sprintf("the number has more than %d digits", maxDigits)}
		case r == 0:
			return syntax.Error{Pos: syntax.MakePosition(&name, line, col), Msg: "there is a NUL byte: this is no text, or a damaged file"}
		case r == utf8.RuneError && size == 1:
			return syntax.Error{Pos: syntax.MakePosition(&name, line, col), Msg: fmt.Sprintf("byte %#x is not UTF-8: save the file as UTF-8", source[i])}
		}
		i += size
		col++
		if r == '\n' {
			line, col = line+1, 1
		}
	}
	return nil
}

// Read reads a file below the root.
func (e *Evaluation) Read(name string) ([]byte, error) {
	source, err := tree.Read(e.root, name, maxFileSize)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errNoFile
	case errors.Is(err, tree.ErrOutside):
		return nil, errors.New("it is outside of the folder of the entry file, which load does not leave")
	}
	return source, err
}
