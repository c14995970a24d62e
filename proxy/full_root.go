package proxy

import (
	"context"
	"slices"
	"time"

	"slapstar/proxy/internal/store"
	"slapstar/slap"
)

// plantDue makes the root instances of trees whose subscription has come. An account
// that is not paid has none. It returns after how long there may be more to do.
func (s *Server) plantDue(ctx context.Context) (planted bool, next time.Duration, err error) {
	next = allocationRetry
	list, err := findTrees(s.db, "NOT rooted AND ended IS NULL ORDER BY id")
	if err != nil {
		return false, next, err
	}
	var due []tree
	unpaid := s.unpaid()
	for _, t := range list {
		wait := s.catalogDelay() + s.subscriptionDelay() - s.since(t.created)
		switch {
		case slices.Contains(unpaid, t.owner):
		case wait > 0:
			next = min(next, wait)
		case len(due) < maxAllocated:
			due = append(due, t)
		default:
			next = 0
		}
	}
	running, err := s.runningUnpaid()
	if err != nil {
		return false, next, err
	}
	lapsed, err := s.lapsedTrees()
	if err != nil || len(due) == 0 && len(running) == 0 && len(lapsed) == 0 {
		return false, next, err
	}
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		for _, t := range due {
			if err := s.plant(tx, t.id); err != nil {
				return err
			}
		}
		for n := range lapsed {
			if err := s.endTree(tx, &lapsed[n]); err != nil {
				return err
			}
		}
		for _, id := range running {
			if _, err := tx.Exec("UPDATE instance SET state = ?, timestamp = ? WHERE id = ?", slap.Stopped, s.timestamp(), id); err != nil {
				return err
			}
		}
		return nil
	})
	if len(running) > 0 || len(lapsed) > 0 {
		s.wakeNodes()
	}
	return err == nil && len(due) > 0, next, err
}

// plant makes the root instance of a tree that is still to have one.
func (s *Server) plant(tx *store.Tx, id int64) error {
	t, err := findTree(tx, "id = ? AND NOT rooted AND ended IS NULL", id)
	if err != nil || t == nil {
		return err
	}
	now := s.timestamp()
	_, err = insertInstance(tx, &instance{title: t.title, tree: t.id, shared: t.shared, release: t.release, kind: t.kind,
		state: t.state, parameters: t.parameters, sla: t.sla, created: now, timestamp: now})
	if err == nil {
		_, err = tx.Exec("UPDATE tree SET rooted = 1 WHERE id = ?", t.id)
	}
	return err
}

// runningUnpaid are the instances that are to be stopped because their account is not
// paid.
func (s *Server) runningUnpaid() (ids []int64, err error) {
	for _, owner := range s.unpaid() {
		list, err := findInstances(s.db, "state = 'started' AND NOT archived AND tree IN (SELECT id FROM tree WHERE owner = ?)", owner)
		if err != nil {
			return nil, err
		}
		for _, i := range list {
			ids = append(ids, i.id)
		}
	}
	return ids, nil
}

// lapsedTrees are the trees to delete: their account has not been paid for long, counted
// from when the Master stopped their root instance.
func (s *Server) lapsedTrees() (lapsed []tree, err error) {
	if s.options.UnpaidDeletion <= 0 {
		return nil, nil
	}
	for _, owner := range s.unpaid() {
		list, err := findTrees(s.db, "owner = ? AND ended IS NULL ORDER BY id", owner)
		if err != nil {
			return nil, err
		}
		for _, t := range list {
			root, err := t.root(s.db)
			if err != nil {
				return nil, err
			}
			if root != nil && root.state == slap.Stopped && s.since(root.timestamp) >= s.options.UnpaidDeletion {
				lapsed = append(lapsed, t)
			}
		}
	}
	return lapsed, nil
}
