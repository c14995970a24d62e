package store

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// changed makes a database of ours that a stranger has changed.
func changed(t *testing.T, statements string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "master.sqlite")
	s, err := Open(Options{Path: file})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(statements); err != nil {
		t.Fatal(err)
	}
	return file
}

// endless is the condition of a query that does not end.
const endless = "(WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c) > 0"

// SQL of a stranger ran in our queries: it did not end, or took all memory.
func TestForeignObjects(t *testing.T) {
	for name, test := range map[string]struct{ statements, object string }{
		"view":         {"ALTER TABLE instance RENAME TO instance2; CREATE VIEW instance AS SELECT * FROM instance2 WHERE " + endless, `view "instance"`},
		"other view":   {"CREATE VIEW more AS SELECT 1", `view "more"`},
		"trigger":      {"CREATE TRIGGER t AFTER INSERT ON computer WHEN " + endless + " BEGIN SELECT 1; END", `trigger "t"`},
		"our trigger":  {"DROP TRIGGER release; CREATE TRIGGER release AFTER DELETE ON instance BEGIN SELECT 1; END", `trigger "release"`},
		"generated":    {"ALTER TABLE computer ADD COLUMN g TEXT AS (hex(zeroblob(200000000)))", `table "computer"`},
		"other table":  {"CREATE TABLE statistic (x)", `table "statistic"`},
		"no index":     {"DROP INDEX child_instance", `index "child_instance" is missing`},
		"other index":  {"CREATE INDEX i ON instance (hex(title))", `index "i"`},
		"no table":     {"DROP TABLE takeover", `table "takeover" is missing`},
		"virtual":      {"CREATE VIRTUAL TABLE v USING fts5 (x)", `table "v"`},
		"text of ours": {"DROP TABLE takeover; CREATE TABLE takeover (changes INTEGER NOT NULL CHECK ('--' = '')) STRICT", `table "takeover"`},
	} {
		t.Run(name, func(t *testing.T) {
			file := changed(t, test.statements)
			before, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, readOnly := range []bool{true, false} {
				begin := time.Now()
				s, err := Open(Options{Path: file, ReadOnly: readOnly})
				if err == nil {
					s.Close()
					t.Fatal("got no error")
				}
				if _, ok := errors.AsType[*SchemaError](err); !ok || !strings.Contains(err.Error(), test.object) {
					t.Errorf("got error %v, want a SchemaError with %s", err, test.object)
				}
				if took := time.Since(begin); took > 10*time.Second {
					t.Errorf("it took %v", took)
				}
			}
			if after, err := os.ReadFile(file); err != nil || !slices.Equal(before, after) {
				t.Errorf("the file was changed, %v", err)
			}
		})
	}
}

// Databases of all versions are ours, and so is one that was analysed.
func TestOwnObjects(t *testing.T) {
	for version := 1; version <= len(migrations); version++ {
		file := filepath.Join(t.TempDir(), "master.sqlite")
		db, err := sql.Open("sqlite", "file:"+file)
		if err != nil {
			t.Fatal(err)
		}
		db.SetMaxOpenConns(1)
		for step, text := range migrations[:version] {
			if _, err := db.Exec(text); err != nil {
				t.Fatalf("step %d: %v", step, err)
			}
		}
		_, err = db.Exec("PRAGMA user_version = " + string(rune('0'+version)) + "; INSERT INTO computer (reference, address, netmask) VALUES ('a', '', ''); ANALYZE")
		if err != nil {
			t.Fatal(err)
		}
		db.Close()
		for _, readOnly := range []bool{true, false} {
			s, err := Open(Options{Path: file, ReadOnly: readOnly})
			if err != nil {
				t.Fatalf("version %d: %v", version, err)
			}
			s.Close()
		}
	}
}

// A predecessor has tables: in place of one, a view would run while it is copied.
func TestForeignPredecessor(t *testing.T) {
	for _, statement := range []string{"CREATE VIEW v AS SELECT 1", "CREATE TABLE g (x, y AS (hex(x)))"} {
		file := foreignDatabase(t)
		db, err := sql.Open("sqlite", "file:"+file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
		db.Close()
		if s, err := Open(Options{Path: file, Predecessor: otherProgram}); err == nil {
			s.Close()
			t.Errorf("%s: got no error", statement)
		}
	}
}

// A row of a stranger takes no more memory than a text may.
func TestLongValue(t *testing.T) {
	db, err := connect(sourceName("", false), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var n int
	if err := db.QueryRow("SELECT length(hex(zeroblob(200000000)))").Scan(&n); err == nil || !strings.Contains(err.Error(), "too big") {
		t.Errorf("got %d, error %v", n, err)
	}
	var trusted bool
	if err := db.QueryRow("PRAGMA trusted_schema").Scan(&trusted); err != nil || trusted {
		t.Errorf("got trusted_schema %v, %v", trusted, err)
	}
}
