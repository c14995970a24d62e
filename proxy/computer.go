package proxy

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
)

// An address is one (interface, address, netmask) of a partition.
type address [3]string

// A partition is a slot of a node that holds at most one instance that is not
// shared.
type partition struct {
	reference string
	addresses []address
}

// format makes the node have exactly these partitions. One that is no longer
// listed goes, with what runs in it, as on slapproxy.
func format(tx *transaction, computer, addr, netmask string, partitions []partition) error {
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
	_, err = tx.Exec("DELETE FROM partition WHERE computer = ? AND reference NOT IN (SELECT value FROM json_each(?))",
		computer, string(kept))
	return err
}

func putPartition(tx *transaction, computer string, p partition) error {
	addresses, err := json.Marshal(p.addresses)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO partition (computer, reference, addresses) VALUES (?, ?, ?)
		ON CONFLICT (computer, reference) DO UPDATE SET addresses = excluded.addresses`,
		computer, p.reference, string(addresses))
	return err
}

// A computer is a registered node.
type computer struct {
	reference, address, netmask string
}

func findComputers(q queryer, where string, args ...any) ([]computer, error) {
	return collect(q, func(scan func(...any) error) (c computer, err error) {
		err = scan(&c.reference, &c.address, &c.netmask)
		return c, err
	}, "SELECT reference, address, netmask FROM computer WHERE "+where+" ORDER BY id", args...)
}

// registered reports whether a node is. A simulated one always is: it comes into
// being when something is put on it.
func (s *Server) registered(q queryer, reference string) (bool, error) {
	if s.options.Simulator != nil {
		return true, nil
	}
	list, err := findComputers(q, "reference = ?", reference)
	return len(list) > 0, err
}

// checkKnown returns an error for a node that is not registered, unless it is the
// default one: that has software before it has partitions.
func (s *Server) checkKnown(q queryer, reference string) error {
	known, err := s.registered(q, reference)
	if err == nil && !known && reference != s.options.Computer {
		err = notRegistered(reference)
	}
	return err
}

func notRegistered(node string) error { return &notFoundError{node + " is not registered."} }

func unknownPartition(node, reference string) error {
	return &notFoundError{fmt.Sprintf("Unknown partition '%s' on '%s'", reference, node)}
}

func findPartitions(q queryer, computer string) ([]partition, error) {
	return collect(q, scanPartition, "SELECT reference, addresses FROM partition WHERE computer = ? ORDER BY id", computer)
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
func findPartition(q queryer, computer, reference string) (*partition, error) {
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
