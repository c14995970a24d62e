package proxy

import (
	"fmt"
	"time"

	"slapstar/proxy/internal/store"
)

// The full Master finds everything through a catalogue that is filled after a request
// has been answered. What is in it follows from the times that are stored with rows
// and from the clock: nothing runs that fills it.

// defaultCatalogDelay is about what an idle site needs.
const defaultCatalogDelay = time.Second

// delay is a duration of the options: 0 is the default, and a negative one is none.
func delay(option, usual time.Duration) time.Duration {
	if option == 0 {
		return usual
	}
	return max(0, option)
}

func (s *Server) catalogDelay() time.Duration {
	return delay(s.options.CatalogDelay, defaultCatalogDelay)
}

// indexed reports whether the catalogue knows what was done at a time.
func (s *Server) indexed(since float64) bool { return s.since(since) >= s.catalogDelay() }

// indexedSQL is indexed for a column, and its arguments.
func (s *Server) indexedSQL(column string) (condition string, args []any) {
	now := s.timestamp()
	return fmt.Sprintf("(%s <= ? OR %[1]s > ?)", column), []any{now - s.catalogDelay().Seconds(), now}
}

// inProgress is the answer to a request for what was asked for just before.
func inProgress[ID uint32 | int64](uid ID, title string) error {
	return &exception{"NotImplementedError", fmt.Sprintf("%d_%s_inProgress", uid, title)}
}

// adopt gives what an embedded Master of the other profile has made to the first
// person, as trees of the first project.
func (s *Server) adopt(tx *store.Tx) error {
	owner := defaultPerson
	if len(s.options.Persons) > 0 {
		owner = s.options.Persons[0].Name
	}
	_, err := tx.Exec(`INSERT OR IGNORE INTO tree (title, owner, project, release, type, shared, state, parameters, sla, created, rooted)
		SELECT iif(root = '', title, root), ?, ?, release, type, shared, state, parameters, sla, created, 1 FROM instance
		WHERE tree = 0 AND NOT archived ORDER BY root <> '', shared, id`, owner, s.projects()[0])
	if err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE OR IGNORE instance SET tree = (SELECT id FROM tree WHERE owner = ? AND ended IS NULL AND tree.title = iif(instance.root = '', instance.title, instance.root))
		WHERE tree = 0 AND NOT archived`, owner)
	return err
}
