package proxy

import (
	"context"
	"fmt"
	"math"
	"time"

	"slapstar/proxy/internal/store"
)

// Waits of the allocation.
const (
	defaultAllocationDelay = 500 * time.Millisecond
	allocationRest         = 20 * time.Millisecond // between two looks at what there is to do
	allocationRetry        = 2 * time.Second       // for what had nowhere to go
	maxAllocated           = 200                   // instances in one write, so that others get their turn
)

func (s *Server) allocationDelay() time.Duration {
	return delay(s.options.AllocationDelay, defaultAllocationDelay)
}

// wakeAllocation tells the allocation that something may be possible now.
func (s *Server) wakeAllocation() {
	select {
	case s.waiting <- struct{}{}:
	default: // it has been told already
	}
}

// wakeDue wakes the allocation if the clock says that there is something to do: a clock
// that is handed in may have been put forward.
func (s *Server) wakeDue() {
	if due := s.due.Load(); due > 0 && s.options.Now().UnixMicro() >= due {
		s.wakeAllocation()
	}
}

// allocate gives places to instances, on the full Master, until ctx ends.
func (s *Server) allocate(ctx context.Context) {
	for {
		next, err := s.allocateDue(ctx)
		if err != nil && ctx.Err() == nil {
			s.logf("allocation: %v", err)
		}
		s.due.Store(s.options.Now().Add(next).UnixMicro())
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
	born, wait, err := s.plantDue(ctx)
	if err != nil {
		return next, err
	}
	next = min(next, wait)
	if err := s.mirrorRemote(ctx); err != nil {
		return next, err
	}
	if wait, err = s.ringDue(ctx); err != nil {
		return next, err
	}
	next = min(next, wait)
	list, err := findInstances(s.db, "computer IS NULL AND NOT archived AND state = 'started'")
	if err != nil {
		return next, err
	}
	var due []instance
	for _, i := range list {
		if wait := s.catalogDelay() + s.allocationDelay() - s.since(i.created); wait > 0 {
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
		if born {
			next = 0
		}
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

// since is how long ago something was. What the clock says will be was long ago: the
// clock was set back, nobody knows by how much.
func (s *Server) since(seconds float64) time.Duration {
	age := s.timestamp() - seconds
	if age < 0 {
		return math.MaxInt64
	}
	return time.Duration(math.Round(age*1e6)) * time.Microsecond
}

// place allocates an instance if it is still to be.
func (s *Server) place(tx *store.Tx, id int64) error {
	i, err := findInstance(tx, "id = ? AND computer IS NULL AND NOT archived AND state = 'started'", id)
	if err != nil || i == nil {
		return err
	}
	computer, partition, ok, err := s.findPlace(tx, i)
	if err != nil || !ok {
		return err
	}
	if remote, ok := s.remoteNode(computer); ok {
		if partition, err = s.placeRemote(tx, remote, i); err != nil {
			return err
		}
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
