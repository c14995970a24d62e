package proxy

import (
	"context"
	"fmt"

	"slapstar/proxy/internal/store"
)

// registerDefault makes the default node, which a full Master knows from the
// beginning.
func (s *Server) registerDefault() error {
	if s.options.Computer == "" {
		return nil
	}
	return s.update(context.Background(), func(tx *store.Tx) error { return addNode(tx, s.options.Computer) })
}

// registerSimulated makes the nodes that the simulator declares. Partitions that
// are there stay.
func (s *Server) registerSimulated() error {
	return s.update(context.Background(), func(tx *store.Tx) error {
		for _, n := range s.options.Simulator.Nodes() {
			if err := addNode(tx, n.Reference); err != nil {
				return err
			}
			list, err := findPartitions(tx, n.Reference)
			if err != nil {
				return err
			}
			for range n.Partitions - len(list) {
				if _, err := addSimulatedPartition(tx, n.Reference); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func addNode(tx *store.Tx, computer string) error {
	_, err := tx.Exec("INSERT INTO computer (reference, address, netmask) VALUES (?, '127.0.0.1', '255.255.255.255') ON CONFLICT DO NOTHING", computer)
	return err
}

// addSimulatedPartition gives a node one more partition, and is how a node
// that was only named so far comes into being.
func addSimulatedPartition(tx *store.Tx, computer string) (string, error) {
	if err := addNode(tx, computer); err != nil {
		return "", err
	}
	var nodeID, partitions int
	err := tx.QueryRow("UPDATE computer SET simulated = simulated + 1 WHERE reference = ? RETURNING id, simulated - 1", computer).
		Scan(&nodeID, &partitions)
	if err != nil {
		return "", err
	}
	tap := fmt.Sprintf("slaptap%d", partitions)
	p := partition{
		reference: fmt.Sprintf("slappart%d", partitions),
		addresses: []address{
			{tap, fmt.Sprintf("10.%d.%d.%d", nodeID/256%256, nodeID%256, partitions%256), "255.255.255.255"},
			{tap, fmt.Sprintf("2001:db8:%x::%x", nodeID, partitions+1), "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
		},
	}
	// A node that was registered before has partitions of these names.
	taken, err := findPartition(tx, computer, p.reference)
	switch {
	case err != nil:
		return "", err
	case taken != nil:
		return addSimulatedPartition(tx, computer)
	}
	return p.reference, putPartition(tx, computer, p)
}
