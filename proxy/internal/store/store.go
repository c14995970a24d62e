// Package store keeps the data of the embedded Master in a SQLite database: the
// schema and its migrations, the lock on the file, statements that are prepared
// once, and one writer that many requests share.
//
// The package knows the tables and not what their rows mean: the statements are
// those of its callers. It knows nothing of HTTP.
//
// Reads run beside each other and beside a write; [Store.Query] and
// [Store.QueryRow] see what is committed. All writes go through [Store.Write],
// which runs them one after the other, each in a transaction, and commits those
// that arrive together at once.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Readers is how many queries run at once. A further one waits until the rows of
// another are closed.
const Readers = 4

// ErrReadOnly is the error of every write on a store that was opened read-only.
var ErrReadOnly = errors.New("the database is read-only")

// Options say what [Open] opens.
type Options struct {
	Path     string // SQLite file, made when it does not exist; empty: in memory
	ReadOnly bool   // make and change nothing; a missing or empty file is then an empty database

	// Predecessor is the program whose database may be at Path, too; the zero value
	// is no program.
	Predecessor Predecessor

	Log func(string) // told when the files could be read by others; may be nil
}

// A Store is an open database: its readers and its one writer. It may be used
// concurrently.
type Store struct {
	reading   *statements
	writer    *writer // nil when read-only
	takenOver int     // instances that the predecessor had
	path      string  // empty in memory
	locks     locks   // none in memory and when read-only
}

// Open opens or creates a database and brings its schema to the present version.
// Where the file is that of the predecessor, the database is one beside it, which
// is filled from it the first time. The files of a database are private before
// SQLite opens them. An [InUseError] says that another process has the database,
// or that of the predecessor, open for writing; any other error names the file. A
// [SchemaError] says that a stranger made the database.
func Open(o Options) (*Store, error) {
	s, err := open(o)
	if err == nil {
		return s, nil
	}
	if _, inUse := errors.AsType[*InUseError](err); inUse {
		return nil, err
	}
	name := o.Path
	if name == "" {
		name = "in memory"
	}
	return nil, fmt.Errorf("database %s: %w", name, err)
}

func open(o Options) (s *Store, err error) {
	if o.Path == "" {
		return openLocked("", "", o)
	}
	path := filepath.Clean(o.Path) // two slashes in front are a host to SQLite
	if path == ":memory:" {        // to SQLite this is no file
		return nil, errors.New("it is in memory and ends with this process, want a file")
	}
	info, err := os.Stat(path)
	switch {
	case o.ReadOnly && (errors.Is(err, os.ErrNotExist) || err == nil && info.Size() == 0):
		return openLocked("", "", o)
	case errors.Is(err, os.ErrNotExist):
		if _, err := os.Stat(filepath.Dir(path)); err != nil {
			return nil, err
		}
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, errors.New("it is a folder, want a file")
	}
	var own locks
	defer func() {
		if err != nil {
			own.release()
		}
	}()
	if err == nil && !o.ReadOnly {
		if err := own.lockForeign(path); err != nil {
			return nil, err
		}
	}
	taken, err := recognise(path, o.Predecessor)
	if err != nil {
		return nil, err
	}
	from := ""
	if taken {
		from, path = path, path+takenOver
		if _, err := os.Stat(path); o.ReadOnly && err != nil {
			path = "" // nothing of ours is made
		}
	}
	if path != "" && !o.ReadOnly {
		if err := own.lockOwn(path, o.Log); err != nil {
			return nil, err
		}
	}
	if s, err = openLocked(path, from, o); err != nil {
		return nil, err
	}
	s.locks = own
	return s, nil
}

// openLocked opens the database at path, which is filled with what the
// predecessor has at from, if that is not empty.
func openLocked(path, from string, o Options) (*Store, error) {
	var writing *sql.DB
	var err error
	if o.ReadOnly && path != "" {
		writing, err = connectReading(path)
	} else {
		writing, err = connect(sourceName(path, false), 1)
	}
	if err != nil {
		return nil, err
	}
	s := &Store{path: path}
	version, err := versionOf(writing)
	if err == nil {
		err = checkObjects(writing, version)
	}
	if err == nil {
		switch {
		case !o.ReadOnly || path == "":
			err = migrate(writing, version)
		case version < len(migrations):
			writing, err = migratedCopy(writing, version)
		default:
			setConnections(writing, Readers)
		}
	}
	if err == nil && from != "" {
		s.takenOver, err = takeOver(writing, from, o.Predecessor)
	}
	if err != nil {
		writing.Close()
		return nil, err
	}
	if path == "" || o.ReadOnly {
		// A database in memory is private to its one connection, which readers and
		// the writer use in turns, a statement each.
		s.reading = &statements{db: writing}
		if !o.ReadOnly {
			s.writer = newWriter(s.reading)
		}
		return s, nil
	}
	reading, err := connect(sourceName(path, o.ReadOnly), Readers)
	if err != nil {
		writing.Close()
		return nil, err
	}
	s.reading = &statements{db: reading}
	s.writer = newWriter(&statements{db: writing})
	return s, nil
}

// Path is the file of the database, which is not that of the options where that
// is the predecessor's. It is empty in memory.
func (s *Store) Path() string { return s.path }

// TakenOver is how many instances of the predecessor this opening copied.
func (s *Store) TakenOver() int { return s.takenOver }

// Query is that of [sql.DB]. Open rows keep one of [Readers].
func (s *Store) Query(query string, args ...any) (*sql.Rows, error) {
	return s.reading.Query(query, args...)
}

// QueryRow is that of [sql.DB].
func (s *Store) QueryRow(query string, args ...any) *sql.Row {
	return s.reading.QueryRow(query, args...)
}

// Write calls do in a transaction. When do returns an error or panics, nothing
// of it is kept, and Write returns that error or a [PanicError]. When Write returns
// nil, what was written survives the end of this process, however it comes. A
// write that waits its turn is dropped with the error of ctx when that ends, and
// with [ErrClosed] when the store is closed first.
//
// The transaction holds up all other writes, so do must not wait for anything.
func (s *Store) Write(ctx context.Context, do func(*Tx) error) error {
	if s.writer == nil {
		return ErrReadOnly
	}
	return s.writer.write(ctx, do)
}

// Close lets writes finish and closes the database.
func (s *Store) Close() error {
	var err error
	if s.writer != nil {
		s.writer.Close()
		if s.writer.statements != s.reading {
			err = s.writer.statements.Close()
		}
	}
	return errors.Join(err, s.reading.Close(), s.locks.release())
}
