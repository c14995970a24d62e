package proxy

import (
	"fmt"

	"slapstar/proxy/internal/store"
	"slapstar/slap"
)

// supplyFull asks for a release on a node that there has to be. What is not
// supplied cannot be destroyed: nothing changes then, and supplied is false.
func (s *Server) supplyFull(tx *store.Tx, by login, w slap.SoftwareInstallation) (supplied bool, err error) {
	if err := s.checkManager(tx, by, w.Computer); err != nil {
		return false, err
	}
	if s.options.Simulator != nil && !s.declared[w.Computer] {
		err = addNode(tx, w.Computer) // to name one makes one
	} else {
		err = s.checkKnown(tx, w.Computer)
	}
	if err != nil {
		return false, err
	}
	list, err := findSoftware(tx, "computer = ? AND release = ?", w.Computer, w.SoftwareRelease)
	if err != nil {
		return false, err
	}
	now := s.timestamp()
	switch {
	case len(list) == 0 && w.State == slap.Destroyed:
		return false, nil
	case len(list) > 0 && !s.indexed(list[0].made):
		nodes, err := findNodes(tx, "reference = ?", w.Computer)
		if err != nil || len(nodes) == 0 {
			return false, err
		}
		return false, inProgress(nodes[0].id, w.SoftwareRelease)
	case len(list) > 0 && list[0].State == w.State:
		return true, nil
	case w.State == slap.Destroyed:
		_, err = tx.Exec("UPDATE software SET state = ?, created = ? WHERE id = ?", w.State, now, list[0].id)
		return true, err
	}
	// One that is being removed is replaced.
	_, err = tx.Exec("REPLACE INTO software (computer, release, state, created, status, made) VALUES (?, ?, ?, ?, '', ?)",
		w.Computer, w.SoftwareRelease, w.State, now, now)
	return true, err
}

// installation finds the software that a node reports on.
func installation(q store.Reader, computer, release string) (*software, error) {
	list, err := findSoftware(q, "computer = ? AND release = ?", computer, release)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, &rpcError{"SOFTWARE-INSTALLATION-NOT-FOUND", &notFoundError{fmt.Sprintf("No software installation of %s on %s.", release, computer)}}
	}
	return &list[0], nil
}

// reportSoftwareFull keeps what a node says of software: building, available,
// destroyed, which is its end and has to have been asked for, or an error.
func (s *Server) reportSoftwareFull(tx *store.Tx, computer, release, status string) error {
	w, err := installation(tx, computer, release)
	switch {
	case err != nil:
		return err
	case status != slap.Destroyed:
		return s.reportSoftware(tx, w.id, status)
	case w.State != slap.Destroyed:
		return &rpcError{"SOFTWARE-INSTALLATION-DESTROY-NOT-REQUESTED", &notFoundError{fmt.Sprintf("The end of %s on %s was not asked for.", release, computer)}}
	}
	return removeSoftware(tx, computer, release)
}

// softwareError is the status that an error report about software leaves.
func softwareError(release string) string { return "#error while installing " + release }

// createNode makes a node of a project, named COMP-<n>, and returns its name, or that
// of the node which has the title.
func createNode(tx *store.Tx, title, project string) (string, error) {
	list, err := findNodes(tx, "title = ?", title)
	if err != nil {
		return "", err
	}
	if len(list) > 0 {
		return list[0].reference, nil
	}
	var n int
	if err := tx.QueryRow("SELECT ifnull(max(id), 0) + 1 FROM computer").Scan(&n); err != nil {
		return "", err
	}
	for ; ; n++ {
		reference := fmt.Sprintf("COMP-%d", n)
		result, err := tx.Exec("INSERT INTO computer (reference, title, address, netmask, project) VALUES (?, ?, '', '', ?) ON CONFLICT DO NOTHING",
			reference, title, project)
		if err != nil {
			return "", err
		}
		if made, err := result.RowsAffected(); err != nil || made > 0 {
			return reference, err
		}
	}
}
