package proxy

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"slapstar/proxy/internal/store"
	"slapstar/slap"
)

// A RemoteNode stands in one project of a full Master for another one. For what is
// allocated on it the Master itself makes a tree in the other project.
type RemoteNode struct {
	Reference string
	Project   string // in which instances may be allocated on it
	Person    string // in whose account the Master makes the trees
	Remote    string // the project of these trees
}

// remoteTitle is that of the tree which the Master makes for an instance.
func (n RemoteNode) remoteTitle(i *instance) string {
	return "_remote_" + n.Project + "_" + i.reference()
}

// remoteNode finds a remote node by its reference.
func (s *Server) remoteNode(reference string) (RemoteNode, bool) {
	n := slices.IndexFunc(s.options.RemoteNodes, func(n RemoteNode) bool { return n.Reference == reference })
	if n < 0 {
		return RemoteNode{}, false
	}
	return s.options.RemoteNodes[n], true
}

// remoteReferences are those of all remote nodes.
func (s *Server) remoteReferences() []string {
	var list []string
	for _, n := range s.options.RemoteNodes {
		list = append(list, n.Reference)
	}
	return list
}

// findRemote looks for a remote node that takes an instance for which there is no other
// place.
func (s *Server) findRemote(t *tree, i *instance, sla slap.Parameters) (reference string, ok bool) {
	for _, n := range s.options.RemoteNodes {
		if n.Project == t.project && cmp.Or(sla[slap.SLAComputer], n.Reference) == n.Reference &&
			s.supplied(t.project, i.release, i.kind, func(a Supply) bool { return allows(a.Nodes, n.Reference) }) {
			return n.Reference, true
		}
	}
	return "", false
}

// placeRemote makes the partition of an instance on a remote node, and its tree in the
// other project.
func (s *Server) placeRemote(tx *store.Tx, n RemoteNode, i *instance) (partitionReference string, err error) {
	if _, err := tx.Exec("INSERT INTO computer (reference, address, netmask, project) VALUES (?, '', '', ?) ON CONFLICT DO NOTHING", n.Reference, n.Project); err != nil {
		return "", err
	}
	if err := putPartition(tx, n.Reference, partition{reference: i.reference(), addresses: []address{}}); err != nil {
		return "", err
	}
	parameters, err := slap.ParseParameters(i.parameters)
	if err != nil {
		return "", err
	}
	return i.reference(), s.createTree(tx, remoteRequest(n, i, parameters), n.Remote)
}

// remoteRequest is what the Master asks for in the other project.
func remoteRequest(n RemoteNode, i *instance, parameters slap.Parameters) *request {
	return &request{login: login{person: n.Person}, project: n.Remote, InstanceRequest: slap.InstanceRequest{Name: n.remoteTitle(i),
		SoftwareRelease: i.release, SoftwareType: i.kind, Shared: i.shared, State: i.state, Parameters: parameters}}
}

// mirrorRemote passes on what was asked of instances on remote nodes, and what was
// published there.
func (s *Server) mirrorRemote(ctx context.Context) error {
	for _, n := range s.options.RemoteNodes {
		list, err := findInstances(s.db, "computer = ?", n.Reference)
		if err != nil || len(list) == 0 {
			return err
		}
		err = s.db.Write(ctx, func(tx *store.Tx) error {
			for k := range list {
				if err := s.mirror(tx, n, list[k].id); err != nil {
					return fmt.Errorf("%s: %w", list[k].title, err)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) mirror(tx *store.Tx, n RemoteNode, id int64) error {
	i, err := findInstance(tx, "id = ?", id)
	if err != nil || i == nil {
		return err
	}
	t, err := findTree(tx, "owner = ? AND title = ? AND ended IS NULL", n.Person, n.remoteTitle(i))
	switch {
	case err != nil:
		return err
	case i.state == slap.Destroyed && t != nil:
		err = s.endTree(tx, t)
		fallthrough
	case i.state == slap.Destroyed:
		if err == nil {
			_, err = s.endedFull(tx, i)
		}
		return err
	case t == nil:
		return nil // its person has destroyed it
	}
	root, err := t.root(tx)
	if err != nil || root == nil {
		return err
	}
	if (t.parameters != i.parameters || t.state != i.state) && s.indexed(root.created) {
		parameters, err := slap.ParseParameters(i.parameters)
		if err != nil {
			return err
		}
		if _, err := s.changeTree(tx, t, remoteRequest(n, i, parameters)); err != nil {
			return err
		}
	}
	if root.connection == i.connection && root.status == i.status && root.reported == i.reported {
		return nil
	}
	_, err = tx.Exec("UPDATE instance SET connection = ?, status = ?, reported = ? WHERE id = ?", root.connection, root.status, root.reported, i.id)
	return err
}
