package store

import (
	"database/sql"
	"path/filepath"
	"testing"
)

// A step that fails leaves the database as it was.
func TestMigrationFails(t *testing.T) {
	file := filepath.Join(t.TempDir(), "master.sqlite")
	db, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	// A database of version 1, with a table that the second step makes.
	if _, err := db.Exec(schema + "PRAGMA user_version = 1; CREATE TABLE forwarded_request (x)"); err != nil {
		t.Fatal(err)
	}
	other, err := connect(sourceName(file, false), 1)
	if err != nil {
		t.Fatal(err)
	}
	err = migrate(other, 1)
	other.Close()
	if err == nil {
		t.Fatal("got no error")
	}
	var columns int
	if err := db.QueryRow("SELECT count(*) FROM pragma_table_info('instance') WHERE name = 'typed'").Scan(&columns); err != nil || columns != 0 {
		t.Errorf("got %d new columns, %v, want none", columns, err)
	}
	if got, err := versionOf(db); err != nil || got != 1 {
		t.Errorf("got version %d, %v, want 1", got, err)
	}
}
