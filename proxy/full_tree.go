package proxy

import (
	"fmt"
	"strings"

	"slapstar/proxy/internal/store"
	"slapstar/slap"
)

// A tree of the full Master has the title that it was asked for by. So has its
// root instance, until somebody renames that; it is then an instance of the
// tree like any other.

// reference is the identifier of an instance on the full Master.
func (i instance) reference() string { return fmt.Sprintf("SOFTINST-%d", i.id) }

// findReference returns the instance with an identifier.
func findReference(q store.Reader, guid string) (*instance, error) {
	i, err := findInstance(q, "id = ?", strings.TrimPrefix(guid, "SOFTINST-"))
	if err == nil && (i == nil || i.reference() != guid) {
		return nil, &rpcError{"SOFTWARE-INSTANCE-NOT-FOUND", &notFoundError{fmt.Sprintf("No software instance %s found.", guid)}}
	}
	return i, err
}

// findSharedReference returns the instance that a host calls by this reference.
func findSharedReference(q store.Reader, computer, partition, reference string) (*instance, error) {
	return findInstance(q, "computer = ? AND partition = ? AND shared AND 'SOFTINST-' || id = ?", computer, partition, reference)
}

// treeHeads is true of one instance of each tree: the root, or the first one
// where the root has another title by now.
const treeHeads = `NOT archived AND (root = '' OR
	NOT EXISTS (SELECT 1 FROM instance head WHERE head.title = instance.root AND head.root = '' AND NOT head.archived) AND
	id = (SELECT min(other.id) FROM instance other WHERE other.root = instance.root AND other.root <> '' AND NOT other.archived))`

// treeHead returns the instance that stands for a tree; nil when there is no
// such tree.
func treeHead(q store.Reader, title string) (*instance, error) {
	i, err := findInstance(q, "title = ? AND root = '' AND NOT archived", title)
	if err != nil || i != nil {
		return i, err
	}
	return findInstance(q, "root <> '' AND root = ? AND "+treeHeads, title)
}

// archiveTree takes a tree away from who asked for it: it is no longer listed,
// and its title is free. Its nodes see it as destroyed until they report the end.
func (s *Server) archiveTree(tx *store.Tx, title string) error {
	list, err := findInstances(tx, "title = ?1 AND root = '' AND NOT archived OR root <> '' AND root = ?1 AND NOT archived", title)
	for n := range list {
		if err == nil {
			err = s.archive(tx, &list[n])
		}
	}
	return err
}

// archive does so with one instance. What is on no partition of its own ends at
// once: no node could report it.
func (s *Server) archive(tx *store.Tx, i *instance) error {
	if !i.shared && i.computer != "" {
		_, err := tx.Exec("UPDATE instance SET state = ?, archived = 1, timestamp = ? WHERE id = ?", slap.Destroyed, s.timestamp(), i.id)
		return err
	}
	if _, err := tx.Exec("DELETE FROM instance WHERE id = ?", i.id); err != nil {
		return err
	}
	return s.touch(tx, i.computer, i.partition)
}

// endedFull frees the partition of an instance that was to be destroyed. What it
// carried needs another host.
func (s *Server) endedFull(tx *store.Tx, i *instance) (children []string, err error) {
	if i.state != slap.Destroyed {
		return nil, &rpcError{"SOFTWARE-INSTANCE-WRONG-REPORTED-STATE",
			&notFoundError{fmt.Sprintf("%s was not asked to be destroyed.", i.title)}}
	}
	_, err = tx.Exec(`UPDATE instance SET computer = NULL, partition = NULL, timestamp = ?
		WHERE computer = ? AND partition = ? AND shared`, s.timestamp(), i.computer, i.partition)
	if err == nil {
		_, err = tx.Exec("DELETE FROM instance WHERE id = ?", i.id)
	}
	return nil, err
}

// renameFull gives an instance another title. Its tree keeps its own, which the
// instance then no longer stands for, unless it gets that title back.
func renameFull(tx *store.Tx, i *instance, title string) error {
	if err := checkValue(title, 0); err != nil || title == i.title {
		return err
	}
	tree, root := i.rootTitle(), i.rootTitle()
	if title == tree {
		root = ""
	}
	taken, err := findInstance(tx, "title = ? AND root = ? AND NOT archived", title, root)
	if err != nil {
		return err
	}
	if taken != nil && !i.archived {
		return &titleTakenError{title}
	}
	if i.archived {
		return &notFoundError{fmt.Sprintf("%s is to be destroyed.", i.title)}
	}
	_, err = tx.Exec("UPDATE instance SET title = ?, root = ? WHERE id = ?", title, root, i.id)
	return err
}

// A titleTakenError is answered with 404 on the legacy interface and with 500 on
// the JSON-RPC one.
type titleTakenError struct{ title string }

func (e *titleTakenError) Error() string {
	return fmt.Sprintf("ValueError: there is an instance %s already", e.title)
}
