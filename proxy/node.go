package proxy

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"slapstar/proxy/internal/store"
)

// An address is one (interface, address, netmask) of a partition.
type address [3]string

// A partition is a slot of a node that holds at most one instance that is not
// shared.
type partition struct {
	reference string
	addresses []address
}

// formatNode makes a node have exactly these partitions. One that is no longer
// listed goes, with what runs in it, as on slapproxy; on the full Master, where
// the node has to be registered, it only gets nothing new.
func (s *Server) formatNode(tx *store.Tx, computer, addr, netmask string, partitions []partition) error {
	if s.full() {
		if err := s.checkKnown(tx, computer); err != nil {
			return &rpcError{"COMPUTE-NODE-NOT-FOUND", err}
		}
	}
	_, err := tx.Exec(`INSERT INTO computer (reference, address, netmask) VALUES (?, ?, ?)
		ON CONFLICT (reference) DO UPDATE SET address = excluded.address, netmask = excluded.netmask`,
		computer, addr, netmask)
	if err != nil {
		return err
	}
	keep := make([]string, len(partitions))
	for i, p := range partitions {
		keep[i] = p.reference
		if err := putPartition(tx, computer, p); err != nil {
			return err
		}
	}
	kept, err := json.Marshal(keep)
	if err != nil {
		return err
	}
	const others = "computer = ? AND reference NOT IN (SELECT value FROM json_each(?))"
	if s.full() {
		_, err = tx.Exec("UPDATE partition SET inactive = 1 WHERE "+others, computer, string(kept))
	} else {
		_, err = tx.Exec("DELETE FROM partition WHERE "+others, computer, string(kept))
	}
	return err
}

func putPartition(tx *store.Tx, computer string, p partition) error {
	addresses, err := json.Marshal(p.addresses)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO partition (computer, reference, addresses) VALUES (?, ?, ?)
		ON CONFLICT (computer, reference) DO UPDATE SET addresses = excluded.addresses, inactive = 0`,
		computer, p.reference, string(addresses))
	return err
}

// A node is a compute node that is registered.
type node struct {
	id                                 int64
	reference, title, address, netmask string
	project                            string // of a full Master; empty: every one
}

const nodeColumns = "id, reference, coalesce(nullif(title, ''), reference), address, netmask, project"

func scanNode(scan func(...any) error) (n node, err error) {
	err = scan(&n.id, &n.reference, &n.title, &n.address, &n.netmask, &n.project)
	return n, err
}

func findNodes(q store.Reader, where string, args ...any) ([]node, error) {
	return store.Collect(q, scanNode, "SELECT "+nodeColumns+" FROM computer WHERE "+where+" ORDER BY id", args...)
}

// registered reports whether a node is. On slapproxy a simulated one always is: it
// comes into being when something is put on it.
func (s *Server) registered(q store.Reader, computer string) (bool, error) {
	if s.options.Simulator != nil && !s.full() {
		return true, nil
	}
	list, err := findNodes(q, "reference = ?", computer)
	return len(list) > 0, err
}

// checkKnown returns an error for a node that is not registered, unless it is the
// default one: that has software before it has partitions.
func (s *Server) checkKnown(q store.Reader, computer string) error {
	known, err := s.registered(q, computer)
	if err == nil && !known && computer != s.options.Computer {
		err = notRegistered(computer)
	}
	return err
}

func notRegistered(computer string) error { return &notFoundError{computer + " is not registered."} }

func unknownPartition(computer, reference string) error {
	return &notFoundError{fmt.Sprintf("Unknown partition '%s' on '%s'", reference, computer)}
}

func findPartitions(q store.Reader, computer string) ([]partition, error) {
	return store.Collect(q, scanPartition, "SELECT reference, addresses FROM partition WHERE computer = ? ORDER BY id", computer)
}

func scanPartition(scan func(...any) error) (partition, error) {
	var p partition
	var addresses string
	if err := scan(&p.reference, &addresses); err != nil {
		return p, err
	}
	return p, json.Unmarshal([]byte(addresses), &p.addresses)
}

// findPartition returns nil when there is no such partition.
func findPartition(q store.Reader, computer, reference string) (*partition, error) {
	p, err := scanPartition(q.QueryRow("SELECT reference, addresses FROM partition WHERE computer = ? AND reference = ?",
		computer, reference).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("partition %s of %s: %w", reference, computer, err)
	}
	return &p, nil
}
