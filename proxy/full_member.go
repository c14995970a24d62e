package proxy

import (
	"slapstar/proxy/internal/store"
	"slapstar/slap"
)

// requestMember is requestFull for a request that a partition makes: the instance is a
// member of its tree, whose release and type it may change.
func (s *Server) requestMember(tx *store.Tx, r *request) (*instance, error) {
	parent, err := findInstance(tx, "computer = ? AND partition = ? AND NOT shared", r.requesterComputer, r.requesterPartition)
	switch {
	case err != nil:
		return nil, err
	case parent == nil:
		return nil, unknownPartition(r.requesterComputer, r.requesterPartition)
	case parent.archived:
		return nil, nil // its tree is gone
	case r.Name == parent.rootTitle():
		return nil, &badRequestError{"field partition_reference: " + r.Name + " is the name of the tree itself"}
	}
	i, err := findInstance(tx, "tree = ? AND title = ? AND NOT archived", parent.tree, r.Name)
	switch {
	case err != nil:
		return nil, err
	case i == nil && r.State == slap.Destroyed:
		return nil, nil // nothing happens
	case i == nil:
		i = s.newInstance(r, parent.rootTitle())
		i.tree, i.sla = parent.tree, storedSLA(r)
		_, err = insertInstance(tx, i)
		return nil, err
	case !s.indexed(i.created):
		return nil, inProgress(parent.tree, r.Name)
	case r.Shared != i.shared:
		return nil, errFixed
	case r.State == slap.Destroyed:
		return nil, s.archive(tx, i)
	}
	if err := s.changeFull(tx, i, r); err != nil || i.computer == "" {
		return nil, err
	}
	return i, nil
}
