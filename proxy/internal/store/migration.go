package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// versionOf returns the version of a database, 0 for an empty one.
func versionOf(db *sql.DB) (version int, err error) {
	if err := db.QueryRow("PRAGMA user_version").Scan(&version); err != nil {
		return 0, err
	}
	var tables int
	if err := db.QueryRow("SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil {
		return 0, err
	}
	switch {
	case version > len(migrations):
		return 0, fmt.Errorf("it has format %d, this program knows up to %d", version, len(migrations))
	case version > 0 || tables == 0:
		return version, nil
	}
	return 0, errors.New("it is the database of another program")
}

// migrate takes the steps that a database of a version lacks, all or none.
func migrate(db *sql.DB, version int) error {
	if version == len(migrations) {
		return nil
	}
	_, err := db.Exec(fmt.Sprintf("BEGIN IMMEDIATE; %s;\n PRAGMA user_version = %d; COMMIT",
		strings.Join(migrations[version:], ";\n"), len(migrations)))
	return err
}

// migratedCopy copies a database that may not be written into memory, migrates
// the copy, and closes the original.
func migratedCopy(db *sql.DB, version int) (*sql.DB, error) {
	var image []byte
	err := withDriver(db, func(c interface{ Serialize() ([]byte, error) }) (err error) {
		image, err = c.Serialize()
		return err
	})
	if err != nil {
		return db, err
	}
	image[18], image[19] = 1, 1 // no log file: a database in memory has none
	if err := db.Close(); err != nil {
		return db, err
	}
	copied, err := connect(":memory:", 1)
	if err != nil {
		return db, err
	}
	err = withDriver(copied, func(c interface{ Deserialize([]byte) error }) error { return c.Deserialize(image) })
	if err != nil {
		return copied, err
	}
	if err := migrate(copied, version); err != nil {
		return copied, err
	}
	_, err = copied.Exec("PRAGMA query_only = 1")
	return copied, err
}

// withDriver calls f with the connection of the SQLite driver.
func withDriver[T any](db *sql.DB, f func(T) error) error {
	conn, err := db.Conn(context.Background())
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Raw(func(driver any) error { return f(driver.(T)) })
}
