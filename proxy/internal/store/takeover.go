package store

import (
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
)

// A Predecessor is the program whose database is taken over: slapproxy. It cannot
// start on a database with tables that are not its own. So what it has is copied
// into a database beside it, and its own stays as it is: one can go back.
type Predecessor struct {
	// Recognise reports whether a database is that of the program. An error says
	// that it is, and that it cannot be taken over.
	Recognise func(Reader) (bool, error)

	// Copy fills the tables of an empty store from those of the program, which are
	// read under their own names. It returns how many instances that were. With an
	// error nothing of it is kept.
	Copy func(*Tx) (instances int, err error)
}

// takenOver ends the name of the database beside that of the predecessor.
const takenOver = ".slapstar"

// recognise reports whether a file is the database of the predecessor. The error
// says that it is neither that nor ours. It looks without changing anything: the
// file may be that of any program.
func recognise(path string, p Predecessor) (found bool, err error) {
	info, err := os.Stat(path)
	if err != nil || info.Size() == 0 {
		return false, nil
	}
	db, err := connectReading(path)
	if err != nil {
		return false, err
	}
	defer db.Close()
	if p.Recognise != nil {
		if found, err = p.Recognise(db); err != nil {
			return false, err
		}
		if found {
			return true, checkPlain(db)
		}
	}
	version, err := versionOf(db)
	if err != nil {
		return false, err
	}
	return false, checkObjects(db, version) // before anything is made beside it
}

// changes is the number of write transactions that a database file has seen: the
// change counter of SQLite's file header.
func changes(path string) (int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	var counter [4]byte
	if _, err := f.ReadAt(counter[:], 24); err != nil {
		return 0, fmt.Errorf("reading the header of %s: %w", path, err)
	}
	return int64(binary.BigEndian.Uint32(counter[:])), nil
}

// takeOver fills an empty database of ours with what the predecessor has at path,
// once. It returns how many instances that were, and an error when the
// predecessor has written since.
func takeOver(db *sql.DB, path string, p Predecessor) (instances int, err error) {
	now, err := changes(path)
	if err != nil {
		return 0, err
	}
	var then int64
	err = db.QueryRow("SELECT changes FROM takeover").Scan(&then)
	if err == nil {
		if now != then {
			err = fmt.Errorf("the slapproxy whose database this is has gone on since it was taken over: remove %s%s to take it over again, or name that file as the database to go on with what it has", path, takenOver)
		}
		return 0, err
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return 0, err
	}
	if _, err := db.Exec("ATTACH ? AS predecessor", sourceName(path, true)); err != nil {
		return 0, err
	}
	if _, err := db.Exec("BEGIN IMMEDIATE"); err != nil {
		return 0, err
	}
	if instances, err = p.Copy(&Tx{&statements{db: db}}); err == nil {
		_, err = db.Exec("INSERT INTO takeover (changes) VALUES (?)", now)
	}
	if err != nil {
		db.Exec("ROLLBACK") // the error is what is to be said
		return 0, err
	}
	if _, err := db.Exec("COMMIT"); err != nil {
		return 0, err
	}
	_, err = db.Exec("DETACH predecessor")
	return instances, err
}
