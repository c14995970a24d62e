package store

import (
	"database/sql"
	"errors"
	"net/url"
	"os"

	_ "modernc.org/sqlite"
)

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
