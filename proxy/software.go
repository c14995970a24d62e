package proxy

import (
	"database/sql"

	"slapstar/slap"
)

// supply records that a release is wanted on a node, or wanted gone. A row in
// state destroyed stays until the node reports. What was touched last comes last
// in the list of a node.
func supply(tx *sql.Tx, w slap.SoftwareInstallation) error {
	_, err := tx.Exec("REPLACE INTO software (computer, release, state) VALUES (?, ?, ?)", w.Computer, w.SoftwareRelease, w.State)
	return err
}

func removeSoftware(tx *sql.Tx, computer, release string) error {
	_, err := tx.Exec("DELETE FROM software WHERE computer = ? AND release = ?", computer, release)
	return err
}

func findSoftware(q queryer, computer string) ([]slap.SoftwareInstallation, error) {
	return collect(q, func(scan func(...any) error) (slap.SoftwareInstallation, error) {
		w := slap.SoftwareInstallation{Computer: computer}
		err := scan(&w.SoftwareRelease, &w.State)
		return w, err
	}, "SELECT release, state FROM software WHERE computer = ? ORDER BY id", computer)
}
