package proxy

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"

	"slapstar/proxy/internal/store"
	"slapstar/slap"
	"slapstar/slap/marshal"
)

// A request is what either interface asks for.
type request struct {
	slap.InstanceRequest                // State may be empty: keep it, or started
	typed                map[string]any // the parameters with their types, as package marshal has them
	requesterComputer    string         // the partition that asks; empty for a person
	requesterPartition   string
	login                login  // who asks, on a full Master
	project              string // that the request names, on a full Master; empty: it names none
}

// check refuses what could be stored and not be described any more.
func (r *request) check() error {
	for _, text := range []string{r.Name, r.SoftwareRelease, r.SoftwareType} {
		if err := checkValue(text, 0); err != nil {
			return err
		}
	}
	switch r.State {
	case "", slap.Started, slap.Stopped, slap.Destroyed:
	default:
		return &badRequestError{fmt.Sprintf("field state: got %q, want started, stopped or destroyed", r.State)}
	}
	return checkValue(r.typed, 0)
}

// request creates the instance or makes it so, and returns it as it then is.
// The state of r becomes what was in effect asked for.
func (s *Server) request(tx *store.Tx, r *request) (*instance, error) {
	root, err := requesterRoot(tx, r)
	if err != nil {
		return nil, err
	}
	current, err := findRequested(tx, r, root)
	if err != nil {
		return nil, err
	}
	switch {
	case current != nil && r.Shared:
		return current, s.changeShared(tx, current, r)
	case current != nil:
		return current, s.change(tx, current, r)
	case r.State == slap.Destroyed:
		return nil, &notFoundError{fmt.Sprintf("There is no instance to destroy: %s", r.Name)}
	}
	return s.create(tx, r, root)
}

func findRequested(q store.Reader, r *request, root string) (*instance, error) {
	return findInstance(q, byTitle, r.Name, root, r.Shared)
}

// requesterRoot returns the title of the tree that a request belongs to, empty
// for a new tree. A grandchild belongs to the root.
func requesterRoot(q store.Reader, r *request) (string, error) {
	if r.requesterComputer == "" || r.requesterPartition == "" {
		return "", nil
	}
	parent, err := findInstance(q, "computer = ? AND partition = ? AND NOT shared", r.requesterComputer, r.requesterPartition)
	if err != nil || parent == nil {
		return "", err
	}
	return parent.rootTitle(), nil
}

// change writes only what differs; the timestamp moves only then. A
// sub-instance follows a root that is not started, whatever was asked.
func (s *Server) change(tx *store.Tx, i *instance, r *request) error {
	if i.root != "" {
		root, err := findInstance(tx, "title = ? AND root = '' AND NOT shared AND NOT archived", i.root)
		if err != nil {
			return err
		}
		if root != nil && root.state != slap.Started {
			r.State = root.state
		}
	}
	before := *i
	i.release, i.kind, i.parameters = r.SoftwareRelease, r.SoftwareType, r.Parameters.XML()
	if r.State != "" {
		i.state = r.State
	}
	if *i == before {
		return nil
	}
	i.timestamp = s.timestamp()
	_, err := tx.Exec("UPDATE instance SET release = ?, type = ?, parameters = ?, state = ?, timestamp = ? WHERE id = ?",
		i.release, i.kind, i.parameters, i.state, i.timestamp, i.id)
	return err
}

// touch bumps the timestamp of the instance on a partition: that is how its
// node learns that there is something to do.
func (s *Server) touch(tx *store.Tx, computer, partition string) error {
	_, err := tx.Exec("UPDATE instance SET timestamp = ? WHERE computer = ? AND partition = ? AND NOT shared",
		s.timestamp(), computer, partition)
	return err
}

// newInstance is what was asked for, not stored yet and without a place.
func (s *Server) newInstance(r *request, root string) *instance {
	return &instance{
		title:      r.Name,
		root:       root,
		shared:     r.Shared,
		release:    r.SoftwareRelease,
		kind:       r.SoftwareType,
		state:      r.State,
		parameters: r.Parameters.XML(),
		timestamp:  s.timestamp(),
	}
}

func (s *Server) create(tx *store.Tx, r *request, root string) (*instance, error) {
	i := s.newInstance(r, root)
	i.computer = cmp.Or(r.SLA[slap.SLAComputer], s.options.Computer)
	if i.state == "" || i.shared { // of a shared one no state is kept
		i.state = slap.Started
	}
	if i.kind == "" {
		i.kind = slap.DefaultType
	}
	var err error
	if i.shared {
		if i.typed, err = marshalTyped(r.typed); err != nil {
			return nil, err
		}
		err = putOnHost(tx, i, r.SLA[slap.SLAInstance])
	} else {
		i.partition, i.addresses, err = s.freePartition(tx, i)
	}
	if err != nil {
		return nil, err
	}
	if i.id, err = insertInstance(tx, i); err != nil {
		return nil, err
	}
	if i.shared {
		err = s.touch(tx, i.computer, i.partition)
	}
	return i, err
}

// freePartition returns the first free partition of a node in the order of
// registration, and its addresses.
func (s *Server) freePartition(tx *store.Tx, i *instance) (reference, addresses string, err error) {
	const first = "SELECT reference, addresses FROM partition WHERE computer = ? AND free ORDER BY id LIMIT 1"
	err = tx.QueryRow(first, i.computer).Scan(&reference, &addresses)
	if errors.Is(err, sql.ErrNoRows) {
		if s.options.Simulator == nil || s.declared[i.computer] {
			return "", "", &notFoundError{"No free computer partition found for: " + i.title}
		}
		if _, err := addSimulatedPartition(tx, i.computer); err != nil {
			return "", "", err
		}
		err = tx.QueryRow(first, i.computer).Scan(&reference, &addresses)
	}
	return reference, addresses, err
}

// An answerer makes the answers of one interface.
type answerer struct {
	own       func(store.Reader, *instance) (any, error)
	forwarded func(*marshal.Object) any // of what another Master answered
}

// carryOut does what was asked, here in a transaction of its own or on another
// Master.
func (s *Server) carryOut(ctx context.Context, r *request, answer answerer) (done any, err error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	forwarded, err := s.forward(ctx, r)
	if err != nil {
		return nil, err
	}
	if forwarded != nil {
		return answer.forwarded(forwarded), nil
	}
	end, err := s.beginCreation(ctx, r)
	if err != nil {
		return nil, err
	}
	defer end()
	ready := true
	err = s.update(ctx, func(tx *store.Tx) error {
		i, err := s.dialect.request(tx, r)
		if ready = i != nil; err != nil || !ready {
			return err
		}
		done, err = answer.own(tx, i)
		return err
	})
	if err == nil && !ready {
		err = &notReadyError{}
	}
	return done, err
}
