package lang

import (
	"errors"
	"io/fs"
	"path"
	"strings"
	"sync"

	"go.starlark.net/syntax"

	"slapstar/internal/tree"
)

// Sources are files that were read once, by their names below the root: every
// evaluation of a run sees the same ones, whatever becomes of the files.
type Sources struct {
	Text map[string]string
	Data map[string]string // what file and load_data have read, in base64; nil: nothing

	// Read reads a file that is not there yet; nil: from disk, below the root. Its
	// error wraps [fs.ErrNotExist] when there is none.
	Read func(name string) ([]byte, error)

	reading sync.Mutex // of data: functions that are called concurrently may ask for it
}

// errNoFile says that a file does not exist.
var errNoFile = errors.New("there is no such file")

// elsewhere reports whether the files are not read from disk.
func (s *Sources) elsewhere() bool { return s != nil && s.Read != nil }

// source returns a file, from the sources or else from disk; what was read is
// added to the sources.
func (e *Evaluation) source(name string) ([]byte, error) {
	s := e.sources
	if s == nil {
		return e.Read(name)
	}
	if text, ok := s.Text[name]; ok {
		return []byte(text), nil
	}
	read := e.Read
	if s.elsewhere() {
		read = s.Read
	}
	data, err := read(name)
	if errors.Is(err, fs.ErrNotExist) {
		err = errNoFile
	}
	if err == nil {
		s.Text[name] = string(data)
	}
	return data, err
}

// ReadAhead reads what the files name in load statements that were not reached,
// so that the sources are whole. What cannot be read is an error once it is reached.
func (e *Evaluation) ReadAhead() {
	if e.sources == nil {
		return
	}
	queue := []string{}
	for name := range e.sources.Text {
		queue = append(queue, name)
	}
	e.files, e.bytes = 0, 0 // what was loaded is in the queue
	for seen := map[string]bool{}; len(queue) > 0; queue = queue[1:] {
		name := queue[0]
		if seen[name] {
			continue
		}
		seen[name] = true
		if source, err := e.source(name); err == nil {
			if e.count(source) != nil {
				return // and so does an evaluation that gets as far
			}
			load, data := filesNamed(name, source)
			queue = append(queue, load...)
			if !e.predeclared.Has("file") { // see [Source.LoadOnly]
				data = nil
			}
			for _, name := range data {
				if e.bytes += len(e.sources.Data[name]); e.bytes <= maxFileSize {
					e.data(name, maxDataFile) // what cannot be read is an error once it is reached
				}
			}
		}
	}
}

// filesNamed returns the files that a file names in load statements, and those of which
// it asks for the text or the data.
func filesNamed(name string, source []byte) (list, data []string) {
	file, err := parse(Dialect, name, tree.Text(source))
	if err != nil {
		return nil, nil
	}
	for _, s := range file.Stmts {
		if load, ok := s.(*syntax.LoadStmt); ok {
			if target, err := loadTarget(name, load.ModuleName()); err == nil {
				list = append(list, target)
			}
		}
	}
	return list, dataFiles(name, file)
}

// loadTarget is the name below the root of what a file names in a load statement.
func loadTarget(from, name string) (string, error) {
	if rest, ok := strings.CutPrefix(name, "//"); ok {
		return path.Clean(rest), nil
	}
	if path.IsAbs(name) {
		return "", errors.New(`want a path relative to this file, or "//PATH" from the root`)
	}
	return path.Join(path.Dir(from), name), nil
}
