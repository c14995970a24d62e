package proxy

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"

	"slapstar/proxy/internal/store"
	"slapstar/slap"
)

// Waits of the allocation.
const (
	defaultAllocationDelay = 500 * time.Millisecond
	allocationRest         = 20 * time.Millisecond // between two looks at what there is to do
	allocationRetry        = 2 * time.Second       // for what had nowhere to go
	maxAllocated           = 200                   // instances in one write, so that others get their turn
)

func (s *Server) allocationDelay() time.Duration {
	switch {
	case s.options.AllocationDelay == 0:
		return defaultAllocationDelay
	case s.options.AllocationDelay < 0:
		return 0
	}
	return s.options.AllocationDelay
}

// wakeAllocation tells the allocation that something may be possible now.
func (s *Server) wakeAllocation() {
	select {
	case s.waiting <- struct{}{}:
	default: // it has been told already
	}
}

// allocate gives places to instances, on the full Master, until ctx ends.
func (s *Server) allocate(ctx context.Context) {
	for {
		next, err := s.allocateDue(ctx)
		if err != nil && ctx.Err() == nil {
			s.logf("allocation: %v", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-s.waiting:
		case <-time.After(min(allocationRetry, next)):
		}
		select { // for the others that come with it
		case <-ctx.Done():
			return
		case <-time.After(allocationRest):
		}
	}
}

// allocateDue allocates what was asked for long enough ago and has somewhere to
// go. It returns after how long there may be more to do.
func (s *Server) allocateDue(ctx context.Context) (next time.Duration, err error) {
	next = allocationRetry
	list, err := findInstances(s.db, "computer IS NULL AND NOT archived")
	if err != nil {
		return next, err
	}
	var due []instance
	for _, i := range list {
		if wait := s.allocationDelay() - s.age(&i); wait > 0 {
			next = min(next, wait)
			continue
		}
		// Whether there is a place is found out without holding others up.
		switch _, _, ok, err := s.findPlace(s.db, &i); {
		case err != nil:
			return next, err
		case ok && len(due) == maxAllocated:
			next = 0
		case ok:
			due = append(due, i)
		}
	}
	if len(due) == 0 {
		return next, nil
	}
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		for _, i := range due {
			if err := s.place(tx, i.id); err != nil {
				return fmt.Errorf("%s: %w", i.title, err)
			}
		}
		return nil
	})
	if err != nil {
		return allocationRetry, err
	}
	s.wakeNodes()
	return 0, nil // a host may have come for a shared one
}

// age is how long ago an instance was asked for. One that the clock says will be
// is old: the clock was set back, nobody knows how long ago.
func (s *Server) age(i *instance) time.Duration {
	age := s.timestamp() - i.created
	if age < 0 {
		return math.MaxInt64
	}
	return time.Duration(age * float64(time.Second))
}

// place allocates an instance if it is still to be.
func (s *Server) place(tx *store.Tx, id int64) error {
	i, err := findInstance(tx, "id = ? AND computer IS NULL AND NOT archived", id)
	if err != nil || i == nil {
		return err
	}
	computer, partition, ok, err := s.findPlace(tx, i)
	if err != nil || !ok {
		return err
	}
	if partition == "" {
		if partition, err = addSimulatedPartition(tx, computer); err != nil {
			return err
		}
	}
	_, err = tx.Exec("UPDATE instance SET computer = ?, partition = ?, timestamp = ? WHERE id = ?", computer, partition, s.timestamp(), id)
	if err == nil && i.shared {
		err = s.touch(tx, computer, partition)
	}
	return err
}

// findPlace looks for where an instance can go. A partition without a name is
// one that a simulated node has yet to get. Of the SLA only computer_guid, and
// instance_guid for a shared instance, choose between places here: of these
// nodes nothing else is known.
func (s *Server) findPlace(q store.Reader, i *instance) (computer, partition string, ok bool, err error) {
	sla, err := slap.ParseParameters(i.sla)
	if err != nil {
		return "", "", false, err
	}
	for key := range sla {
		if !slap.IsFullSLAKey(key) {
			return "", "", false, nil
		}
	}
	if i.shared {
		err = q.QueryRow(`SELECT computer, partition FROM instance
			WHERE release = ?1 AND type = ?2 AND NOT shared AND computer IS NOT NULL AND state <> 'destroyed'
				AND (?3 = '' OR computer = ?3) AND (?4 = '' OR 'SOFTINST-' || id = ?4)
			ORDER BY id LIMIT 1`, i.release, i.kind, sla[slap.SLAComputer], sla[slap.SLAInstance]).Scan(&computer, &partition)
		if errors.Is(err, sql.ErrNoRows) {
			return "", "", false, nil
		}
		return computer, partition, err == nil, err
	}
	return s.findFree(q, i.release, sla[slap.SLAComputer])
}

// findFree looks for a free partition where a release is there, on any node or
// the one.
func (s *Server) findFree(q store.Reader, release, wanted string) (computer, partition string, ok bool, err error) {
	type place struct{ computer, partition string }
	list, err := store.Collect(q, func(scan func(...any) error) (p place, err error) {
		err = scan(&p.computer, &p.partition)
		return p, err
	}, `SELECT computer, ifnull((SELECT reference FROM partition
			WHERE partition.computer = software.computer AND free AND NOT inactive ORDER BY id LIMIT 1), '')
		FROM software WHERE release = ?1 AND state = 'available' AND status = 'available' AND (?2 = '' OR computer = ?2)
		ORDER BY id`, release, wanted)
	if err != nil {
		return "", "", false, err
	}
	for _, p := range list {
		if p.partition != "" || s.options.Simulator != nil && !s.declared[p.computer] {
			return p.computer, p.partition, true, nil
		}
	}
	return "", "", false, nil
}
