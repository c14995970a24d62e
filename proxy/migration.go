package proxy

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// migrations are the steps to the present schema. The user_version of a
// database is how many of them it has seen.
var migrations = []string{
	schema,
	`ALTER TABLE instance ADD COLUMN typed TEXT; -- of a shared one: its parameters marshalled, with their types
	CREATE TABLE forwarded_request (
		id     INTEGER PRIMARY KEY,
		name   TEXT NOT NULL, -- what the other Master calls the instance
		master TEXT NOT NULL, -- URL
		UNIQUE (name, master)
	) STRICT;`,
	`CREATE TABLE instance_3 (
		id         INTEGER PRIMARY KEY,
		title      TEXT NOT NULL,
		root       TEXT NOT NULL, -- title of the root instance, empty for a root
		shared     INTEGER NOT NULL,
		release    TEXT NOT NULL,
		type       TEXT NOT NULL,
		state      TEXT NOT NULL,
		parameters TEXT NOT NULL, -- parameter XML
		typed      TEXT,          -- of a shared one: its parameters marshalled, with their types
		sla        TEXT NOT NULL, -- parameter XML
		connection TEXT,          -- parameter XML, null before publication
		computer   TEXT,          -- null while it is not allocated
		partition  TEXT,          -- of the host, for a shared instance
		created    REAL NOT NULL, -- seconds
		timestamp  REAL NOT NULL, -- seconds; of the last change
		processed  REAL,          -- the timestamp that a simulated node has come to
		status     TEXT NOT NULL, -- what the node reported last
		archived   INTEGER NOT NULL DEFAULT 0, -- destroyed and no longer listed: its title is free
		FOREIGN KEY (computer, partition) REFERENCES partition (computer, reference) ON DELETE CASCADE
	) STRICT;
	INSERT INTO instance_3 (id, title, root, shared, release, type, state, parameters, typed, sla, connection, computer, partition, created, timestamp, processed, status)
		SELECT id, title, root, shared, release, type, state, parameters, typed, '', connection, computer, partition, timestamp, timestamp,
			iif(connection IS NULL, NULL, timestamp), '' FROM instance;
	DROP TABLE instance;
	ALTER TABLE instance_3 RENAME TO instance;
	CREATE UNIQUE INDEX instance_of_title ON instance (title, root, shared) WHERE NOT archived;
	CREATE UNIQUE INDEX instance_of_partition ON instance (computer, partition) WHERE NOT shared;
	CREATE INDEX shared_on_partition ON instance (computer, partition) WHERE shared;
	CREATE INDEX unprocessed_instance ON instance (id) WHERE processed IS NOT timestamp;
	CREATE INDEX unallocated_instance ON instance (id) WHERE computer IS NULL;
	CREATE INDEX child_instance ON instance (root) WHERE root <> '';
	CREATE INDEX instance_of_release ON instance (computer, release, type) WHERE NOT shared;
	CREATE TRIGGER occupy AFTER INSERT ON instance WHEN NOT NEW.shared BEGIN
		UPDATE partition SET free = 0 WHERE computer = NEW.computer AND reference = NEW.partition;
	END;
	CREATE TRIGGER move AFTER UPDATE OF computer, partition ON instance WHEN NOT NEW.shared BEGIN
		UPDATE partition SET free = 1 WHERE computer = OLD.computer AND reference = OLD.partition;
		UPDATE partition SET free = 0 WHERE computer = NEW.computer AND reference = NEW.partition;
	END;
	CREATE TRIGGER release AFTER DELETE ON instance WHEN NOT OLD.shared BEGIN
		UPDATE partition SET free = 1 WHERE computer = OLD.computer AND reference = OLD.partition;
	END;
	ALTER TABLE software ADD COLUMN created REAL NOT NULL DEFAULT 0; -- seconds; when its state was asked for
	ALTER TABLE software ADD COLUMN status TEXT NOT NULL DEFAULT ''; -- what the node reported last: building, available, or #error and why
	CREATE TABLE takeover (changes INTEGER NOT NULL) STRICT; -- of the slapproxy's database, when it was taken over`,
	`ALTER TABLE computer ADD COLUMN title TEXT NOT NULL DEFAULT ''; -- empty: its reference
	ALTER TABLE partition ADD COLUMN inactive INTEGER NOT NULL DEFAULT 0; -- no longer listed by its node, which a full Master keeps`,
}

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
