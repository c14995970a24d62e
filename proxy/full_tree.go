package proxy

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"slapstar/proxy/internal/store"
	"slapstar/slap"
)

// A tree is an instance tree of the full Master: what a person asked for. What runs
// are its members. Its root instance has the title that the tree has, until somebody
// renames it; it is then a member like any other.
type tree struct {
	id         int64
	title      string
	owner      string // name of a person
	project    string
	release    string
	kind       string // software type
	shared     bool
	state      string
	parameters string          // parameter XML
	sla        string          // parameter XML
	created    float64         // seconds
	ended      sql.NullFloat64 // seconds; when its end was asked for
	rooted     bool            // it has had a root instance
}

const treeColumns = "id, title, owner, project, release, type, shared, state, parameters, sla, created, ended, rooted"

func scanTree(scan func(...any) error) (t tree, err error) {
	err = scan(&t.id, &t.title, &t.owner, &t.project, &t.release, &t.kind, &t.shared, &t.state, &t.parameters, &t.sla, &t.created, &t.ended, &t.rooted)
	return t, err
}

func findTrees(q store.Reader, where string, args ...any) ([]tree, error) {
	return store.Collect(q, scanTree, "SELECT "+treeColumns+" FROM tree WHERE "+where, args...)
}

// findTree returns nil when there is no such tree.
func findTree(q store.Reader, where string, args ...any) (*tree, error) {
	t, err := scanTree(q.QueryRow("SELECT "+treeColumns+" FROM tree WHERE "+where+" LIMIT 1", args...).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return &t, err
}

// findNamed returns the tree of a person with a title. One that is to be destroyed
// has its title until the catalogue knows.
func (s *Server) findNamed(q store.Reader, owner, title string) (*tree, error) {
	t, err := findTree(q, "owner = ? AND title = ? AND ended IS NULL", owner, title)
	if err != nil || t != nil {
		return t, err
	}
	t, err = findTree(q, "owner = ? AND title = ? AND ended IS NOT NULL ORDER BY ended DESC", owner, title)
	if err != nil || t == nil || s.indexed(t.ended.Float64) {
		return nil, err
	}
	return t, nil
}

// listedSQL is true of trees that searches find, and its arguments: of those that were
// asked for long enough ago, and not of those whose end was.
func (s *Server) listedSQL() (condition string, args []any) {
	made, args := s.indexedSQL("created")
	ended, more := s.indexedSQL("ended")
	return made + " AND (ended IS NULL OR NOT " + ended + ")", append(args, more...)
}

// findListed is findTree for the trees that searches find.
func (s *Server) findListed(q store.Reader, where string, args ...any) (*tree, error) {
	listed, more := s.listedSQL()
	return findTree(q, where+" AND "+listed, append(args, more...)...)
}

func (t tree) reference() string { return fmt.Sprintf("HOSTSUBS-%d", t.id) }

func (t tree) path() string { return treePathOf(t.id) }

func treePathOf(id int64) string { return fmt.Sprintf("%s%d", treeModule, id) }

// treeModule begins the relative URL of a tree.
const treeModule = "instance_tree_module/"

// root returns the root instance of a tree; nil when it has none.
func (t tree) root(q store.Reader) (*instance, error) {
	return findInstance(q, "tree = ? AND root = ''", t.id)
}

func (s *Server) createTree(tx *store.Tx, r *request, project string) error {
	_, err := tx.Exec(`INSERT INTO tree (title, owner, project, release, type, shared, state, parameters, sla, created)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, r.Name, r.login.person, project, r.SoftwareRelease, r.SoftwareType, r.Shared,
		r.State, r.Parameters.XML(), storedSLA(r), s.timestamp())
	return err
}

// endTree takes a tree away from who asked for it: it is listed until that is
// indexed, and its title is free then. Its nodes see its members as destroyed until
// they report the end.
func (s *Server) endTree(tx *store.Tx, t *tree) error {
	if _, err := tx.Exec("UPDATE tree SET state = ?, ended = ? WHERE id = ?", slap.Destroyed, s.timestamp(), t.id); err != nil {
		return err
	}
	list, err := findInstances(tx, "tree = ? AND NOT archived", t.id)
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
// carried needs another host. Reporting the end of what was not asked to end
// changes nothing.
func (s *Server) endedFull(tx *store.Tx, i *instance) (children []string, err error) {
	if i.state != slap.Destroyed {
		return nil, nil
	}
	_, err = tx.Exec(`UPDATE instance SET computer = NULL, partition = NULL, timestamp = ?
		WHERE computer = ? AND partition = ? AND shared`, s.timestamp(), i.computer, i.partition)
	if err == nil {
		_, err = tx.Exec("DELETE FROM instance WHERE id = ?", i.id)
	}
	return nil, err
}

// bangTree bumps the timestamps of the whole tree of an instance.
func (s *Server) bangTree(tx *store.Tx, i *instance) error {
	_, err := tx.Exec("UPDATE instance SET timestamp = ? WHERE tree = ? AND tree <> 0", s.timestamp(), i.tree)
	return err
}

// bangFull has the tree of an instance processed again, and says why.
func (s *Server) bangFull(tx *store.Tx, i *instance, message string) error {
	if err := s.reportStatus(tx, i, "#error bang called: "+message); err != nil {
		return err
	}
	return s.bangTree(tx, i)
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
	taken, err := findInstance(tx, "title = ? AND root = ? AND tree = ? AND NOT archived", title, root, i.tree)
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

// reference is the identifier of an instance on the full Master.
func (i instance) reference() string { return fmt.Sprintf("SOFTINST-%d", i.id) }

// findReference returns the instance with an identifier.
func findReference(q store.Reader, guid string) (*instance, error) {
	i, err := findInstance(q, "id = ?", strings.TrimPrefix(guid, "SOFTINST-"))
	if err == nil && (i == nil || i.reference() != guid) {
		return nil, unknownReference(guid)
	}
	return i, err
}

func unknownReference(guid string) *rpcError {
	return &rpcError{"SOFTWARE-INSTANCE-NOT-FOUND", &notFoundError{fmt.Sprintf("No software instance %s found.", guid)}}
}

// findSharedReference returns the instance that a host calls by this reference.
func findSharedReference(q store.Reader, computer, partition, reference string) (*instance, error) {
	return findInstance(q, "computer = ? AND partition = ? AND shared AND 'SOFTINST-' || id = ?", computer, partition, reference)
}
