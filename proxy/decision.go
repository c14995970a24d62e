package proxy

import (
	"context"
	"fmt"
	"slices"

	"slapstar/proxy/internal/store"
)

// A decision is an upgrade decision: a tree is to get the release that its product
// published last, once its person has accepted.
type decision struct {
	id, tree int64
	release  string
	state    string  // planned or started, as it is stored
	changed  float64 // seconds
}

// States of an upgrade decision. That a planned one is confirmed follows from its age.
const (
	planned   = "planned"
	confirmed = "confirmed"
	started   = "started"
)

const decisionColumns = "id, tree, release, state, changed"

func scanDecision(scan func(...any) error) (d decision, err error) {
	err = scan(&d.id, &d.tree, &d.release, &d.state, &d.changed)
	return d, err
}

// stateOf is the state of a decision now.
func (s *Server) stateOf(d decision) string {
	if d.state == planned && s.since(d.changed) >= 2*s.catalogDelay() {
		return confirmed
	}
	return d.state
}

// decisionStateSQL is stateOf in SQL.
func (s *Server) decisionStateSQL() string {
	now := s.timestamp()
	return fmt.Sprintf("iif(state = 'planned' AND (changed <= %f OR changed > %f), 'confirmed', state)", now-2*s.catalogDelay().Seconds(), now)
}

// releases are the release variations of a product, with those that were published
// while the Master ran; the last one was published last.
func (s *Server) releases(p Product) []string {
	more, err := store.Collect(s.db, func(scan func(...any) error) (release string, err error) {
		err = scan(&release)
		return release, err
	}, "SELECT release FROM published WHERE project = ? AND product = ? ORDER BY id", p.Project, p.Name)
	if err != nil {
		s.logf("releases of %s: %v", p.Name, err)
	}
	return slices.Concat(p.Releases, more)
}

// latest is what a product published last.
func latest(releases []string) string {
	if len(releases) == 0 {
		return ""
	}
	return releases[len(releases)-1]
}

// PublishRelease adds a release variation to a software product of a project. It is the answer
// of the next product look-up. Existing trees get it by an upgrade decision, which the
// next daily alarm makes. The error says so if there is no such product.
func (s *Server) PublishRelease(ctx context.Context, project, product, release string) error {
	if !slices.ContainsFunc(s.options.SoftwareProducts, func(p Product) bool { return p.Project == project && p.Name == product }) {
		return &notFoundError{fmt.Sprintf("There is no product %s in project %s.", product, project)}
	}
	if err := checkValue(release, 0); err != nil {
		return err
	}
	return s.update(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec("INSERT INTO published (project, product, release) VALUES (?, ?, ?)", project, product, release)
		return err
	})
}

// AcceptUpgrade accepts the upgrade decision about a tree of a person, as the person
// does in the panel. The error says so if there is none that is confirmed.
func (s *Server) AcceptUpgrade(ctx context.Context, person, title string) error {
	return s.update(ctx, func(tx *store.Tx) error {
		list, err := store.Collect(tx, scanDecision, "SELECT "+decisionColumns+" FROM decision WHERE tree IN (SELECT id FROM tree WHERE owner = ? AND title = ? AND ended IS NULL)", person, title)
		if err != nil {
			return err
		}
		if len(list) == 0 || s.stateOf(list[0]) != confirmed {
			return &notFoundError{fmt.Sprintf("There is no upgrade decision about %s to accept.", title)}
		}
		return s.startDecision(tx, list[0])
	})
}

func (s *Server) startDecision(tx *store.Tx, d decision) error {
	_, err := tx.Exec("UPDATE decision SET state = 'started', changed = ? WHERE id = ?", s.timestamp(), d.id)
	return err
}

// decide makes the decisions about trees whose product has published another release
// since.
func (s *Server) decide(tx *store.Tx) error {
	for _, p := range s.options.SoftwareProducts {
		releases := s.releases(p)
		if len(releases) == 0 {
			continue
		}
		trees, err := findTrees(tx, "project = ? AND ended IS NULL AND release IN (SELECT value FROM json_each(?)) AND release <> ?", p.Project, jsonList(releases), latest(releases))
		if err != nil {
			return err
		}
		for _, t := range trees {
			_, err := tx.Exec(`INSERT INTO decision (tree, release, state, changed) VALUES (?1, ?2, 'planned', ?3)
				ON CONFLICT (tree) DO UPDATE SET release = ?2, state = 'planned', changed = ?3 WHERE release <> ?2`, t.id, latest(releases), s.timestamp())
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// upgradeDue carries out decisions that were accepted, and accepts those that nobody has
// to.
func (s *Server) upgradeDue(tx *store.Tx) (upgraded bool, err error) {
	list, err := store.Collect(tx, scanDecision, "SELECT "+decisionColumns+" FROM decision ORDER BY id")
	if err != nil {
		return false, err
	}
	for _, d := range list {
		switch {
		case s.options.AcceptUpgrades && s.stateOf(d) == confirmed:
			err = s.startDecision(tx, d)
		case d.state == started && s.indexed(d.changed):
			upgraded = true
			err = s.upgrade(tx, d)
		}
		if err != nil {
			return upgraded, err
		}
	}
	return upgraded, nil
}

// upgrade gives a tree and its root instance the release of a decision.
func (s *Server) upgrade(tx *store.Tx, d decision) error {
	if _, err := tx.Exec("UPDATE tree SET release = ? WHERE id = ? AND ended IS NULL", d.release, d.tree); err != nil {
		return err
	}
	_, err := tx.Exec("UPDATE instance SET release = ?, timestamp = ? WHERE tree = ? AND root = '' AND NOT archived", d.release, s.timestamp(), d.tree)
	if err == nil {
		_, err = tx.Exec("DELETE FROM decision WHERE id = ?", d.id)
	}
	return err
}
