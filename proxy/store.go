package proxy

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
	_ "modernc.org/sqlite"
)

// schema is that of version 1; what came later is in migrations.
const schema = `
CREATE TABLE computer (
	id        INTEGER PRIMARY KEY,
	reference TEXT NOT NULL UNIQUE,
	address   TEXT NOT NULL,
	netmask   TEXT NOT NULL,
	simulated INTEGER NOT NULL DEFAULT 0 -- how many partitions a simulated node has been given
) STRICT;
CREATE TABLE partition (
	id        INTEGER PRIMARY KEY,
	computer  TEXT NOT NULL REFERENCES computer (reference) ON DELETE CASCADE,
	reference TEXT NOT NULL,
	addresses TEXT NOT NULL, -- JSON: [[interface, address, netmask], …]
	free      INTEGER NOT NULL DEFAULT 1, -- kept by the triggers below
	UNIQUE (computer, reference)
) STRICT;
CREATE INDEX free_partition ON partition (computer, id) WHERE free;
CREATE TABLE instance (
	id         INTEGER PRIMARY KEY,
	title      TEXT NOT NULL,
	root       TEXT NOT NULL, -- title of the root instance, empty for a root
	shared     INTEGER NOT NULL,
	release    TEXT NOT NULL,
	type       TEXT NOT NULL,
	state      TEXT NOT NULL,
	parameters TEXT NOT NULL, -- parameter XML
	connection TEXT,          -- parameter XML, null before publication
	computer   TEXT NOT NULL,
	partition  TEXT NOT NULL, -- of the host, for a shared instance
	timestamp  REAL NOT NULL, -- seconds
	UNIQUE (title, root, shared),
	FOREIGN KEY (computer, partition) REFERENCES partition (computer, reference) ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX instance_of_partition ON instance (computer, partition) WHERE NOT shared;
CREATE INDEX shared_on_partition ON instance (computer, partition) WHERE shared;
CREATE INDEX unpublished_instance ON instance (id) WHERE connection IS NULL;
CREATE INDEX destroyed_instance ON instance (id) WHERE state = 'destroyed';
CREATE INDEX child_instance ON instance (root) WHERE root <> '';
CREATE INDEX instance_of_release ON instance (computer, release, type) WHERE NOT shared;
CREATE TRIGGER occupy AFTER INSERT ON instance WHEN NOT NEW.shared BEGIN
	UPDATE partition SET free = 0 WHERE computer = NEW.computer AND reference = NEW.partition;
END;
CREATE TRIGGER release AFTER DELETE ON instance WHEN NOT OLD.shared BEGIN
	UPDATE partition SET free = 1 WHERE computer = OLD.computer AND reference = OLD.partition;
END;
CREATE TABLE software (
	id       INTEGER PRIMARY KEY,
	computer TEXT NOT NULL, -- need not be registered
	release  TEXT NOT NULL,
	state    TEXT NOT NULL,
	UNIQUE (computer, release)
) STRICT;
`

// readers is how many requests read at once.
const readers = 4

// A store is a database: its readers and its one writer.
type store struct {
	*statements // for reading
	writer      *writer
	readOnly    bool
	taken       int          // instances that a slapproxy had
	path        string       // empty in memory
	lock        *flock.Flock // nil in memory and read-only
}

// openStore opens or creates the SQLite file at path, or a database in memory
// when path is empty. Read-only, a file that does not exist is an empty
// database and is not created. Where the file is that of a slapproxy, the
// database is one beside it.
func openStore(path string, readOnly bool) (*store, error) {
	s, err := openAt(path, readOnly)
	var inUse *InUseError
	if err != nil && !errors.As(err, &inUse) {
		if path == "" {
			path = "in memory"
		}
		return nil, fmt.Errorf("database %s: %w", path, err)
	}
	return s, err
}

func openAt(path string, readOnly bool) (*store, error) {
	if path == "" {
		return openLocked(path, "", readOnly)
	}
	path = filepath.Clean(path) // two slashes in front are a host to SQLite
	info, err := os.Stat(path)
	switch {
	case readOnly && (errors.Is(err, os.ErrNotExist) || err == nil && info.Size() == 0):
		return openLocked("", "", true)
	case errors.Is(err, os.ErrNotExist):
		if _, err := os.Stat(filepath.Dir(path)); err != nil {
			return nil, err
		}
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, errors.New("it is a folder, want a file")
	}
	slapproxy, err := recognise(path)
	if err != nil {
		return nil, err
	}
	from := ""
	if slapproxy {
		from, path = path, path+takenOver
		if _, err := os.Stat(path); readOnly && err != nil {
			path = "" // nothing of ours is made
		}
	}
	var lock *flock.Flock
	if path != "" && !readOnly {
		if lock, err = lockDatabase(path); err != nil {
			return nil, err
		}
	}
	s, err := openLocked(path, from, readOnly)
	if err != nil {
		if lock != nil {
			lock.Unlock()
		}
		return nil, err
	}
	s.lock = lock
	return s, nil
}

// openLocked opens the database at path, which is filled with what a slapproxy
// has at from, if that is not empty.
func openLocked(path, from string, readOnly bool) (*store, error) {
	var writing *sql.DB
	var err error
	if readOnly && path != "" {
		writing, err = connectReading(path)
	} else {
		writing, err = connect(sourceName(path, false), 1)
	}
	if err != nil {
		return nil, err
	}
	s := &store{path: path, readOnly: readOnly}
	version, err := versionOf(writing)
	if err == nil {
		switch {
		case !readOnly || path == "":
			err = migrate(writing, version)
		case version < len(migrations):
			writing, err = migratedCopy(writing, version)
		default:
			setConnections(writing, readers)
		}
	}
	if err == nil && from != "" {
		s.taken, err = takeOverFrom(writing, from)
	}
	if err != nil {
		writing.Close()
		return nil, err
	}
	if path == "" || readOnly {
		// A database in memory is private to its one connection, which readers and
		// the writer use in turns, a statement each.
		s.statements = &statements{db: writing}
		if !readOnly {
			s.writer = newWriter(s.statements)
		}
		return s, nil
	}
	reading, err := connect(sourceName(path, readOnly), readers)
	if err != nil {
		writing.Close()
		return nil, err
	}
	s.statements = &statements{db: reading}
	s.writer = newWriter(&statements{db: writing})
	return s, nil
}

// sourceName is what the SQLite driver calls a database.
func sourceName(path string, readOnly bool) string {
	pragmas := url.Values{"_pragma": {"foreign_keys(1)", "busy_timeout(10000)", "cache_size(-8192)", "mmap_size(268435456)"}}
	switch {
	case path == "":
		return ":memory:?" + pragmas.Encode()
	case !readOnly:
		// A commit is written and not waited for on the disk: it survives the end of
		// this process, however that comes. The checkpoints are what a power cut
		// leaves, see checkpointDelay.
		pragmas.Add("_pragma", "journal_mode(WAL)")
		pragmas.Add("_pragma", "synchronous(NORMAL)")
	default:
		pragmas.Add("_pragma", "query_only(1)")
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + pragmas.Encode()
}

// connectReading opens a file to read from it alone. Another process may be
// writing to it, and another may come that does.
func connectReading(path string) (*sql.DB, error) {
	name := sourceName(path, true)
	db, err := connect(name, 1)
	if err != nil {
		return nil, err
	}
	if _, err = db.Exec("SELECT 1 FROM sqlite_schema"); err == nil {
		return db, nil
	}
	db.Close() // the error is what is to be said
	var refused interface{ Code() int }
	if _, logErr := os.Stat(path + "-wal"); !errors.Is(logErr, os.ErrNotExist) || !errors.As(err, &refused) || refused.Code()&0xff != cantOpen && refused.Code()&0xff != cantWrite {
		return nil, err
	}
	// SQLite cannot make the files it wants beside it, so neither could a process
	// of ours that writes. Without a log file there is none of anybody now.
	return connect(name+"&mode=ro&immutable=1", 1)
}

// Codes of SQLite's errors.
const (
	cantWrite = 8
	cantOpen  = 14
)

func connect(name string, connections int) (*sql.DB, error) {
	db, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, err
	}
	setConnections(db, connections)
	return db, nil
}

func setConnections(db *sql.DB, connections int) {
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
}

// Close lets writes finish and closes the database.
func (s *store) Close() error {
	var err error
	if s.writer != nil {
		s.writer.Close()
		if s.writer.statements != s.statements {
			err = s.writer.statements.Close()
		}
	}
	err = errors.Join(err, s.statements.Close())
	if s.lock != nil {
		err = errors.Join(err, s.lock.Unlock())
	}
	return err
}

// update carries out f in a transaction of its own, see writer.write.
func (s *Server) update(ctx context.Context, f func(*transaction) error) error {
	if s.db.readOnly {
		return errReadOnly
	}
	if err := s.db.writer.write(ctx, f); err != nil {
		return err
	}
	s.wakeNodes()
	s.wakeAllocation()
	return nil
}

// lockDatabase makes this process the only one that has a database open for
// writing: two would give the same partition to two instances, or wait for each
// other. The lock is on a file beside it, which stays. A database has one,
// however many symbolic links lead to it.
func lockDatabase(path string) (*flock.Flock, error) {
	file := path
	if target, err := filepath.EvalSymlinks(path); err == nil {
		file = target
	}
	lock := flock.New(file + ".lock")
	locked, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("locking it: %w", err)
	}
	if !locked {
		return nil, &InUseError{Path: path}
	}
	return lock, nil
}

// An InUseError says that another process has the database open.
type InUseError struct{ Path string }

func (e *InUseError) Error() string {
	return fmt.Sprintf("database %s: another process has it open", e.Path)
}
