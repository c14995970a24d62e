package proxy

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"slapstar/slap"
)

// An instance is one row of its table.
type instance struct {
	id         int64
	title      string
	root       string // title of the root instance, empty for a root
	shared     bool
	release    string
	kind       string // software type
	state      string
	parameters string         // parameter XML
	connection sql.NullString // parameter XML
	computer   string
	partition  string
	timestamp  float64
}

const instanceColumns = `id, title, root, shared, release, type, state, parameters, connection, computer, partition, timestamp`

func scanInstance(scan func(...any) error) (instance, error) {
	var i instance
	err := scan(&i.id, &i.title, &i.root, &i.shared, &i.release, &i.kind, &i.state,
		&i.parameters, &i.connection, &i.computer, &i.partition, &i.timestamp)
	return i, err
}

func findInstances(q queryer, where string, args ...any) ([]instance, error) {
	return collect(q, scanInstance, "SELECT "+instanceColumns+" FROM instance WHERE "+where+" ORDER BY shared, id", args...)
}

// findInstance returns nil when there is no such row.
func findInstance(q queryer, where string, args ...any) (*instance, error) {
	i, err := scanInstance(q.QueryRow("SELECT "+instanceColumns+" FROM instance WHERE "+where+" ORDER BY shared, id LIMIT 1", args...).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &i, nil
}

// guid is the identifier of the JSON-RPC interface.
func (i instance) guid() string {
	shared := "0"
	if i.shared {
		shared = "1"
	}
	return i.title + "___" + i.root + "___" + shared
}

// parseGUID takes apart what guid put together. A title with three underscores
// in it cannot be told, as on slapproxy.
func parseGUID(guid string) (title, root string, shared, ok bool) {
	parts := strings.Split(guid, "___")
	if len(parts) != 3 {
		return "", "", false, false
	}
	return parts[0], parts[1], parts[2] == "1", true
}

func (i instance) rootTitle() string {
	if i.root != "" {
		return i.root
	}
	return i.title
}

// dictionaries returns the parameters and the connection parameters as they are
// answered: an empty text reads back as null.
func (i instance) dictionaries() (parameters, connection map[string]any, err error) {
	stored, err := slap.ParseParameters(i.parameters)
	if err != nil {
		return nil, nil, err
	}
	published, err := slap.ParseParameters(i.connection.String)
	return values(stored), values(published), err
}

// A notFoundError is answered with 404 on the legacy interface and with 403 on
// the JSON-RPC one.
type notFoundError struct{ message string }

func (e *notFoundError) Error() string { return e.message }

// A request is what either interface asks for.
type request struct {
	slap.InstanceRequest        // State may be empty: keep it, or started
	requesterComputer    string // the partition that asks; empty for a person
	requesterPartition   string
}

// request creates the instance or makes it so, and returns it as it then is.
func (s *Server) request(tx *sql.Tx, r request) (*instance, error) {
	root, err := requesterRoot(tx, r)
	if err != nil {
		return nil, err
	}
	current, err := findInstance(tx, "title = ? AND root = ? AND shared = ?", r.Name, root, r.Shared)
	if err != nil {
		return nil, err
	}
	switch {
	case current != nil:
		return current, s.change(tx, current, r)
	case r.State == slap.Destroyed:
		return nil, &notFoundError{fmt.Sprintf("There is no instance to destroy: %s", r.Name)}
	}
	return s.create(tx, r, root)
}

// requesterRoot returns the title of the tree that a request belongs to, empty
// for a new tree. A grandchild belongs to the root.
func requesterRoot(tx *sql.Tx, r request) (string, error) {
	if r.requesterComputer == "" || r.requesterPartition == "" {
		return "", nil
	}
	parent, err := findInstance(tx, "computer = ? AND partition = ? AND NOT shared", r.requesterComputer, r.requesterPartition)
	if err != nil || parent == nil {
		return "", err
	}
	return parent.rootTitle(), nil
}

// change writes only what differs; the timestamp moves only then.
func (s *Server) change(tx *sql.Tx, i *instance, r request) error {
	before := *i
	i.release, i.kind, i.parameters = r.SoftwareRelease, r.SoftwareType, r.Parameters.XML()
	if r.State != "" {
		i.state = r.State
	}
	if *i == before {
		return nil
	}
	if i.shared && i.state == slap.Destroyed {
		if _, err := tx.Exec("DELETE FROM instance WHERE id = ?", i.id); err != nil {
			return err
		}
		return s.touch(tx, i.computer, i.partition)
	}
	i.timestamp = s.timestamp()
	_, err := tx.Exec("UPDATE instance SET release = ?, type = ?, parameters = ?, state = ?, timestamp = ? WHERE id = ?",
		i.release, i.kind, i.parameters, i.state, i.timestamp, i.id)
	if err == nil && i.shared {
		err = s.touch(tx, i.computer, i.partition)
	}
	return err
}

// touch bumps the timestamp of the instance on a partition: that is how its
// node learns that there is something to do.
func (s *Server) touch(tx *sql.Tx, computer, partition string) error {
	_, err := tx.Exec("UPDATE instance SET timestamp = ? WHERE computer = ? AND partition = ? AND NOT shared",
		s.timestamp(), computer, partition)
	return err
}

func (s *Server) create(tx *sql.Tx, r request, root string) (*instance, error) {
	i := &instance{
		title:      r.Name,
		root:       root,
		shared:     r.Shared,
		release:    r.SoftwareRelease,
		kind:       r.SoftwareType,
		state:      r.State,
		parameters: r.Parameters.XML(),
		computer:   r.SLA["computer_guid"],
		timestamp:  s.timestamp(),
	}
	if i.state == "" {
		i.state = slap.Started
	}
	if i.kind == "" {
		i.kind = slap.DefaultType
	}
	if i.computer == "" {
		i.computer = s.options.Computer
	}
	place := s.freePartition
	if r.Shared {
		place = hostPartition
	}
	var err error
	if i.partition, err = place(tx, i); err != nil {
		return nil, err
	}
	result, err := tx.Exec(`INSERT INTO instance
		(title, root, shared, release, type, state, parameters, computer, partition, timestamp)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		i.title, i.root, i.shared, i.release, i.kind, i.state, i.parameters, i.computer, i.partition, i.timestamp)
	if err != nil {
		return nil, err
	}
	if i.id, err = result.LastInsertId(); err != nil {
		return nil, err
	}
	if i.shared {
		err = s.touch(tx, i.computer, i.partition)
	}
	return i, err
}

// freePartition returns the first free partition of a node in the order of
// registration.
func (s *Server) freePartition(tx *sql.Tx, i *instance) (string, error) {
	var partition string
	err := tx.QueryRow("SELECT reference FROM partition WHERE computer = ? AND free ORDER BY id LIMIT 1", i.computer).Scan(&partition)
	if errors.Is(err, sql.ErrNoRows) {
		if s.options.Simulate {
			return addSimulatedPartition(tx, i.computer)
		}
		return "", &notFoundError{"No free computer partition found for: " + i.title}
	}
	return partition, err
}

// hostPartition returns the partition of the first instance that can carry a
// shared one: same release and same type on the node.
func hostPartition(tx *sql.Tx, i *instance) (string, error) {
	host, err := findInstance(tx, "computer = ? AND release = ? AND type = ? AND NOT shared AND state <> ?",
		i.computer, i.release, i.kind, slap.Destroyed)
	if err != nil {
		return "", err
	}
	if host == nil {
		return "", &notFoundError{fmt.Sprintf("No partition corresponding to slave request: ['%s', '%s', '%s']", i.release, i.computer, i.kind)}
	}
	return host.partition, nil
}

// destroyed frees what a node reports as destroyed. An instance with children
// is freed after them: they are marked, and their titles returned.
func (s *Server) destroyed(tx *sql.Tx, i *instance) (children []string, err error) {
	if i.root == "" && !i.shared {
		list, err := findInstances(tx, "root <> '' AND root = ?", i.title)
		if err != nil {
			return nil, err
		}
		for _, child := range list {
			children = append(children, child.title)
		}
		if len(children) > 0 {
			_, err = tx.Exec("UPDATE instance SET state = ?, timestamp = ? WHERE root <> '' AND root = ? AND state <> ?",
				slap.Destroyed, s.timestamp(), i.title, slap.Destroyed)
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

func publish(tx *sql.Tx, i *instance, connection slap.Parameters) error {
	_, err := tx.Exec("UPDATE instance SET connection = ? WHERE id = ?", connection.XML(), i.id)
	return err
}
