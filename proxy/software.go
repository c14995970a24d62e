package proxy

import (
	"database/sql"
	"errors"

	"slapstar/proxy/internal/store"
	"slapstar/slap"
)

// software is one row of its table: a release on a node.
type software struct {
	slap.SoftwareInstallation
	id      int64
	created float64 // seconds; when its state was asked for
	status  string  // what the node reported last: building, available, or #error and why
	made    float64 // seconds; when it was first asked for
	// reported is when the node did so last, in seconds.
	reported float64
}

// supply records that a release is wanted on a node, or wanted gone. A row in
// state destroyed stays until the node reports. What was touched last comes last
// in the list of a node.
func (s *Server) supply(tx *store.Tx, w slap.SoftwareInstallation) error {
	created, status := s.timestamp(), ""
	err := tx.QueryRow("SELECT created, status FROM software WHERE computer = ? AND release = ? AND state = ?",
		w.Computer, w.SoftwareRelease, w.State).Scan(&created, &status)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	_, err = tx.Exec("REPLACE INTO software (computer, release, state, created, status) VALUES (?, ?, ?, ?, ?)",
		w.Computer, w.SoftwareRelease, w.State, created, status)
	return err
}

func removeSoftware(tx *store.Tx, computer, release string) error {
	_, err := tx.Exec("DELETE FROM software WHERE computer = ? AND release = ?", computer, release)
	return err
}

func (s *Server) reportSoftware(tx *store.Tx, id int64, status string) error {
	_, err := tx.Exec("UPDATE software SET status = ?, reported = ? WHERE id = ?", status, s.timestamp(), id)
	return err
}

const softwareColumns = "id, computer, release, state, created, status, made, reported"

func scanSoftware(scan func(...any) error) (w software, err error) {
	err = scan(&w.id, &w.Computer, &w.SoftwareRelease, &w.State, &w.created, &w.status, &w.made, &w.reported)
	return w, err
}

func findSoftware(q store.Reader, where string, args ...any) ([]software, error) {
	return store.Collect(q, scanSoftware, "SELECT "+softwareColumns+" FROM software WHERE "+where+" ORDER BY id", args...)
}
