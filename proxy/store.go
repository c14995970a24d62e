package proxy

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

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

// openDatabase opens or creates the SQLite file at path, or a database in
// memory when path is empty. Read-only, a file that does not exist is an empty
// database and is not created.
func openDatabase(path string, readOnly bool) (*sql.DB, error) {
	info, err := os.Stat(path)
	switch {
	case path == "":
	case readOnly && (errors.Is(err, os.ErrNotExist) || err == nil && info.Size() == 0):
		return openDatabase("", false)
	case errors.Is(err, os.ErrNotExist):
		if _, err := os.Stat(filepath.Dir(path)); err != nil {
			return nil, fmt.Errorf("database %s: %w", path, err)
		}
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, fmt.Errorf("database %s: it is a folder, want a file", path)
	}
	pragmas := url.Values{"_pragma": {"foreign_keys(1)", "busy_timeout(10000)"}, "_txlock": {"immediate"}}
	name := ":memory:?" + pragmas.Encode()
	if path != "" {
		if !readOnly {
			pragmas.Add("_pragma", "journal_mode(WAL)")
		} else {
			pragmas.Add("_pragma", "query_only(1)")
			pragmas.Set("_txlock", "deferred")
			// Without a log file beside it nobody has the database open, and it
			// can be read where SQLite may not make one.
			if _, err := os.Stat(path + "-wal"); errors.Is(err, os.ErrNotExist) {
				pragmas.Set("mode", "ro")
				pragmas.Set("immutable", "1")
			}
		}
		name = "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + pragmas.Encode()
	}
	db, err := connect(name)
	if err != nil {
		return nil, err
	}
	version, err := versionOf(db)
	switch {
	case err != nil:
	case readOnly && version < len(migrations):
		db, err = migratedCopy(db, version)
	default:
		err = migrate(db, version)
	}
	if err != nil {
		db.Close()
		return nil, fmt.Errorf("database %s: %w", path, err)
	}
	return db, nil
}

// connect opens one connection: writes are serialised anyway, and a database in
// memory is private to its connection.
func connect(name string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// update runs f in a transaction of its own, which is durable when update
// returns nil.
func (s *Server) update(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after Commit it does nothing
	if err := f(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	s.wakeNodes()
	return nil
}

// queryer is what a transaction and the database have in common.
type queryer interface {
	Query(query string, args ...any) (*sql.Rows, error)
	QueryRow(query string, args ...any) *sql.Row
}

// collect reads all rows of a query. The list is empty, not nil, when there are
// none, so that it is [] in JSON.
func collect[T any](q queryer, scan func(func(...any) error) (T, error), query string, args ...any) ([]T, error) {
	list := []T{}
	rows, err := q.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		item, err := scan(rows.Scan)
		if err != nil {
			return nil, err
		}
		list = append(list, item)
	}
	return list, rows.Err()
}
