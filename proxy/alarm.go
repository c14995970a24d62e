package proxy

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"slapstar/proxy/internal/store"
	"slapstar/slap"
)

// What a full Master does once a day: it makes upgrade decisions, and destroys software
// installations that nothing uses.

// daily is how often the alarm rings.
const daily = 24 * time.Hour

func (s *Server) alarmPeriod() time.Duration {
	if s.options.AlarmPeriod == 0 {
		return daily
	}
	return s.options.AlarmPeriod // a negative one never
}

// lastAlarm is when the alarm rang last; when it was set, before that.
func (s *Server) lastAlarm() (last float64, err error) {
	err = s.db.QueryRow("SELECT last FROM alarm WHERE name = 'daily'").Scan(&last)
	if errors.Is(err, sql.ErrNoRows) {
		return s.begin, nil
	}
	return last, err
}

// setAlarm begins the first day of a Master.
func (s *Server) setAlarm(tx *store.Tx) error {
	_, err := tx.Exec("INSERT INTO alarm (name, last) VALUES ('daily', ?) ON CONFLICT DO NOTHING", s.timestamp())
	return err
}

// ringDue does what is due of the work that nobody asks for. It returns after how long
// there is more.
func (s *Server) ringDue(ctx context.Context) (next time.Duration, err error) {
	next = allocationRetry
	last, err := s.lastAlarm()
	if err != nil {
		return next, err
	}
	period := s.alarmPeriod()
	ring := period > 0 && s.since(last) >= period
	decisions, err := count(s.db, "SELECT count(*) FROM decision")
	if err != nil || !ring && decisions == 0 {
		return next, err
	}
	upgraded := false
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		if ring {
			if err := errors.Join(s.cleanUp(tx), s.decide(tx)); err != nil {
				return err
			}
			if _, err := tx.Exec("UPDATE alarm SET last = ? WHERE name = 'daily'", s.timestamp()); err != nil {
				return err
			}
		}
		var err error
		upgraded, err = s.upgradeDue(tx)
		return err
	})
	if ring || upgraded {
		s.wakeNodes()
	}
	return next, err
}

func count(q store.Reader, query string, args ...any) (n int, err error) {
	err = q.QueryRow(query, args...).Scan(&n)
	return n, err
}

// cleanUp destroys software installations that no allocation supply and no partition
// uses, and forgets trees of which nothing is left.
func (s *Server) cleanUp(tx *store.Tx) error {
	indexed, args := s.indexedSQL("ended")
	if _, err := tx.Exec("DELETE FROM tree WHERE ended IS NOT NULL AND "+indexed+" AND NOT EXISTS (SELECT 1 FROM instance WHERE instance.tree = tree.id)", args...); err != nil {
		return err
	}
	if _, err := tx.Exec("DELETE FROM decision WHERE tree NOT IN (SELECT id FROM tree WHERE ended IS NULL)"); err != nil {
		return err
	}
	list, err := findSoftware(tx, `state = 'available' AND NOT EXISTS (SELECT 1 FROM instance
		WHERE instance.computer = software.computer AND instance.release = software.release)`)
	if err != nil {
		return err
	}
	for _, w := range list {
		if s.allocatable(w) {
			continue
		}
		if _, err := tx.Exec("UPDATE software SET state = ?, created = ? WHERE id = ?", slap.Destroyed, s.timestamp(), w.id); err != nil {
			return err
		}
	}
	return nil
}

// allocatable reports whether an allocation supply allows software on its node.
func (s *Server) allocatable(w software) bool {
	return len(s.options.AllocationSupplies) == 0 || slices.ContainsFunc(s.options.AllocationSupplies, func(a Supply) bool {
		return allows(a.Releases, w.SoftwareRelease) && allows(a.Nodes, w.Computer)
	})
}
