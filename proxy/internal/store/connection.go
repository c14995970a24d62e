package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"net/url"
	"os"

	"modernc.org/sqlite"
)

// maxValue is how many bytes a value or a row may have. A text of a file has at most
// 64 MiB as well. SQLite takes its memory beside Go's, where no watch sees it.
const maxValue = 64 << 20

// limitLength is SQLITE_LIMIT_LENGTH.
const limitLength = 0

// sourceName is what the SQLite driver calls a database.
func sourceName(path string, readOnly bool) string {
	pragmas := url.Values{"_pragma": {"foreign_keys(1)", "busy_timeout(10000)", "cache_size(-8192)", "mmap_size(268435456)", "trusted_schema(0)"}}
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
	opened, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(limited{opened.Driver(), name})
	setConnections(db, connections)
	return db, opened.Close()
}

// limited makes connections that keep to [maxValue].
type limited struct {
	driver driver.Driver
	name   string
}

func (l limited) Driver() driver.Driver { return l.driver }

// Connect implements [driver.Connector].
func (l limited) Connect(context.Context) (driver.Conn, error) {
	c, err := l.driver.Open(l.name)
	if err != nil {
		return nil, err
	}
	if err := limitValues(c, l.driver); err != nil {
		c.Close() // the error is what is to be said
		return nil, err
	}
	return c, nil
}

// limitValues sets the limit of a connection, for which the driver wants it from a pool.
func limitValues(c driver.Conn, d driver.Driver) error {
	pool := sql.OpenDB(lender{c, d})
	defer pool.Close()
	conn, err := pool.Conn(context.Background())
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = sqlite.Limit(conn, limitLength, maxValue)
	return err
}

// A lender lends a connection to a pool, which does not close it.
type lender struct {
	conn   driver.Conn
	driver driver.Driver
}

func (l lender) Driver() driver.Driver                        { return l.driver }
func (l lender) Connect(context.Context) (driver.Conn, error) { return lent{l.conn}, nil }

type lent struct{ driver.Conn }

func (l lent) Unwrap() driver.Conn { return l.Conn }
func (lent) Close() error          { return nil }

func setConnections(db *sql.DB, connections int) {
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
}
