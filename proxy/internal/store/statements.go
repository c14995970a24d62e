package store

import (
	"database/sql"
	"sync"
)

// statements are the connections to a database, with each statement prepared
// once. The texts of statements are few: values are always arguments.
type statements struct {
	db       *sql.DB
	prepared sync.Map // text to *sql.Stmt
}

// A Reader reads: a [Store] what is committed, a [Tx] also what it wrote itself.
type Reader interface {
	Query(query string, args ...any) (*sql.Rows, error)
	QueryRow(query string, args ...any) *sql.Row
}

func (s *statements) prepare(query string) (*sql.Stmt, error) {
	if stmt, ok := s.prepared.Load(query); ok {
		return stmt.(*sql.Stmt), nil
	}
	stmt, err := s.db.Prepare(query)
	if err != nil {
		return nil, err
	}
	if earlier, loaded := s.prepared.LoadOrStore(query, stmt); loaded {
		stmt.Close()
		return earlier.(*sql.Stmt), nil
	}
	return stmt, nil
}

// Query is that of [sql.DB].
func (s *statements) Query(query string, args ...any) (*sql.Rows, error) {
	stmt, err := s.prepare(query)
	if err != nil {
		return nil, err
	}
	return stmt.Query(args...)
}

// QueryRow is that of [sql.DB].
func (s *statements) QueryRow(query string, args ...any) *sql.Row {
	stmt, err := s.prepare(query)
	if err != nil {
		return s.db.QueryRow(query, args...) // for its error
	}
	return stmt.QueryRow(args...)
}

// Exec is that of [sql.DB].
func (s *statements) Exec(query string, args ...any) (sql.Result, error) {
	stmt, err := s.prepare(query)
	if err != nil {
		return nil, err
	}
	return stmt.Exec(args...)
}

// Close closes the statements and the connections.
func (s *statements) Close() error {
	s.prepared.Range(func(_, stmt any) bool {
		stmt.(*sql.Stmt).Close() // closing the database says what is wrong
		return true
	})
	return s.db.Close()
}

// Collect reads all rows of a query and closes them. scan makes an item of a row
// with what it is given, [sql.Rows.Scan]; its first error ends the reading. The
// list is empty, not nil, when there are no rows, so that it is [] in JSON.
func Collect[T any](q Reader, scan func(func(...any) error) (T, error), query string, args ...any) ([]T, error) {
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
