package proxy

import (
	"fmt"

	"slapstar/proxy/internal/store"
	"slapstar/slap"
)

// A tree is a root instance with what its partitions asked for in turn. Those
// carry the title of the root.

// bang bumps the timestamps of the whole tree of an instance, so that the nodes
// process it again.
func (s *Server) bang(tx *store.Tx, i *instance) error {
	_, err := tx.Exec("UPDATE instance SET timestamp = ? WHERE title = ? AND root = '' AND NOT shared OR root <> '' AND root = ?",
		s.timestamp(), i.rootTitle(), i.rootTitle())
	return err
}

// rename gives an instance that is not shared another title. The tree of a root
// goes with it.
func rename(tx *store.Tx, i *instance, title string) error {
	if title == i.title {
		return nil
	}
	if err := checkValue(title, 0); err != nil {
		return err
	}
	if title == "" { // the children of a root would have none
		return &badRequestError{fmt.Sprintf("There is no title to rename %s to.", i.title)}
	}
	taken, err := findInstance(tx, "title = ? AND root = ? AND NOT shared AND NOT archived", title, i.root)
	if err != nil {
		return err
	}
	if taken == nil && i.root == "" {
		taken, err = findInstance(tx, "root <> '' AND root = ? AND NOT archived", title)
	}
	if err != nil {
		return err
	}
	if taken != nil {
		return &badRequestError{fmt.Sprintf("There is an instance %s already.", title)}
	}
	if _, err := tx.Exec("UPDATE instance SET title = ? WHERE id = ?", title, i.id); err != nil || i.root != "" {
		return err
	}
	_, err = tx.Exec("UPDATE instance SET root = ? WHERE root <> '' AND root = ?", title, i.title)
	return err
}

// destroyed frees what a node reports as destroyed. A root with children is
// freed after them: they are marked, and their titles returned. Its shared ones
// have no node that could report them; they end at once.
func (s *Server) destroyed(tx *store.Tx, i *instance) (children []string, err error) {
	if i.root == "" && !i.shared && !i.archived {
		if children, err = s.destroyChildren(tx, i.title); err != nil || len(children) > 0 {
			return children, err
		}
	}
	if !i.shared {
		// What it carried has nowhere to be any more.
		_, err = tx.Exec("DELETE FROM instance WHERE computer = ? AND partition = ? AND shared", i.computer, i.partition)
		if err != nil {
			return nil, err
		}
	}
	_, err = tx.Exec("DELETE FROM instance WHERE id = ?", i.id)
	return nil, err
}

func (s *Server) destroyChildren(tx *store.Tx, root string) (titles []string, err error) {
	list, err := findInstances(tx, "root <> '' AND root = ?", root)
	if err != nil {
		return nil, err
	}
	for _, child := range list {
		if !child.shared {
			titles = append(titles, child.title)
			continue
		}
		if err := s.changeShared(tx, &child, &request{InstanceRequest: slap.InstanceRequest{State: slap.Destroyed}}); err != nil {
			return nil, err
		}
	}
	_, err = tx.Exec("UPDATE instance SET state = ?1, timestamp = ?2 WHERE root <> '' AND root = ?3 AND state <> ?1",
		slap.Destroyed, s.timestamp(), root)
	return titles, err
}
