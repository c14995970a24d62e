package proxy

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"time"

	"slapstar/slap"
)

// addSimulatedPartition gives a node one more partition, and is how a node
// that was only named so far comes into being.
func addSimulatedPartition(tx *sql.Tx, node string) (string, error) {
	_, err := tx.Exec("INSERT INTO computer (reference, address, netmask) VALUES (?, '127.0.0.1', '255.255.255.255') ON CONFLICT DO NOTHING", node)
	if err != nil {
		return "", err
	}
	var computerID, partitions int
	err = tx.QueryRow("UPDATE computer SET simulated = simulated + 1 WHERE reference = ? RETURNING id, simulated - 1", node).
		Scan(&computerID, &partitions)
	if err != nil {
		return "", err
	}
	tap := fmt.Sprintf("slaptap%d", partitions)
	p := partition{
		reference: fmt.Sprintf("slappart%d", partitions),
		addresses: []address{
			{tap, fmt.Sprintf("10.%d.%d.%d", computerID/256%256, computerID%256, partitions%256), "255.255.255.255"},
			{tap, fmt.Sprintf("2001:db8:%x::%x", computerID, partitions+1), "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
		},
	}
	// A node that was registered before has partitions of these names.
	taken, err := findPartition(tx, node, p.reference)
	switch {
	case err != nil:
		return "", err
	case taken != nil:
		return addSimulatedPartition(tx, node)
	}
	return p.reference, putPartition(tx, node, p)
}

// wakeNodes tells the simulated nodes that there may be something to do.
func (s *Server) wakeNodes() {
	select {
	case s.wake <- struct{}{}:
	default: // they have been told already
	}
}

// simulate plays the compute nodes until ctx ends, and then does at once what
// is left: the process ends, the time of the nodes does not.
func (s *Server) simulate(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			s.reportNode(s.deploy(context.WithoutCancel(ctx)))
			return
		case <-s.wake:
		}
		select {
		case <-ctx.Done():
		case <-time.After(s.options.Delay):
		}
		s.reportNode(s.deploy(context.WithoutCancel(ctx)))
	}
}

func (s *Server) reportNode(err error) {
	if err != nil && s.options.Log != nil {
		s.options.Log(fmt.Sprintf("simulated node: %v", err))
	}
}

// deploy does all that is wanted of the nodes: instances publish connection
// parameters, destroyed ones and unwanted software go.
func (s *Server) deploy(ctx context.Context) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	// The conditions are those of partial indices: most instances need nothing.
	wanted, err := findInstances(tx, "connection IS NULL AND state <> 'destroyed'")
	if err != nil {
		return err
	}
	for _, i := range wanted {
		connection, err := defaultConnection(tx, &i)
		if err != nil {
			return err
		}
		if err := publish(tx, &i, connection); err != nil {
			return err
		}
	}
	_, err = tx.Exec(`UPDATE instance SET state = 'destroyed' WHERE root <> '' AND root IN
		(SELECT title FROM instance WHERE state = 'destroyed' AND root = '' AND NOT shared)`)
	if err != nil {
		return err
	}
	for _, which := range []string{"state = 'destroyed' AND root <> ''", "state = 'destroyed' AND root = ''"} { // children first
		gone, err := findInstances(tx, which)
		if err != nil {
			return err
		}
		for _, i := range gone {
			if _, err := s.destroyed(tx, &i); err != nil {
				return err
			}
		}
	}
	if _, err := tx.Exec("DELETE FROM software WHERE state = 'destroyed'"); err != nil {
		return err
	}
	return tx.Commit()
}

// defaultConnection is what a simulated instance publishes.
func defaultConnection(tx *sql.Tx, i *instance) (slap.Parameters, error) {
	p, err := findPartition(tx, i.computer, i.partition)
	if err != nil || p == nil {
		return nil, err
	}
	connection := slap.Parameters{"url": fmt.Sprintf("https://%s.example/", i.partition)}
	for _, a := range p.addresses {
		connection["ipv6"] = a[1] // the last one: IPv4 comes first
	}
	if ip := connection["ipv6"]; ip != "" {
		connection["url"] = fmt.Sprintf("https://[%s]:8443/%s", ip, url.PathEscape(i.title))
	}
	return connection, nil
}
