package proxy

import (
	"cmp"

	"slapstar/proxy/internal/store"
	"slapstar/slap"
)

// What a request does on the full Master. slapos.core, master add-on
// slapos_slap_tool, SlapTool._requestComputerPartition; the reference, sections
// (b) and (f), has it.

// requestFull creates an instance without a place, changes one, or archives it.
// It returns nil when the answer is "not ready".
func (s *Server) requestFull(tx *store.Tx, r *request) (*instance, error) {
	r.State, r.SoftwareType = cmp.Or(r.State, slap.Started), cmp.Or(r.SoftwareType, slap.DefaultType)
	root, err := fullRequesterRoot(tx, r)
	if err != nil {
		return nil, err
	}
	current, err := findInstance(tx, "title = ? AND root = ? AND NOT archived", r.Name, root)
	if err != nil {
		return nil, err
	}
	fixed := current // what a user may not change
	if current == nil && root == "" {
		if fixed, err = treeHead(tx, r.Name); err != nil { // its root has another title by now
			return nil, err
		}
	}
	switch {
	case fixed == nil && r.State == slap.Destroyed:
		return nil, nil // nothing happens
	case fixed == nil:
		return nil, s.createFull(tx, r, root)
	case s.beingCreated(fixed):
		return nil, &exception{"NotImplementedError", r.Name + "_inProgress"}
	case r.Shared != fixed.shared, root == "" && (r.SoftwareRelease != fixed.release || r.SoftwareType != fixed.kind):
		return nil, &exception{"NotImplementedError", "You can not change the release / type / shared states"}
	case r.State == slap.Destroyed && root == "":
		return nil, s.archiveTree(tx, r.Name)
	case r.State == slap.Destroyed:
		return nil, s.archive(tx, current)
	case current == nil:
		return nil, s.createFull(tx, r, root)
	}
	if err := s.changeFull(tx, current, r); err != nil || current.computer == "" {
		return nil, err
	}
	return current, nil
}

// fullRequesterRoot returns the title of the tree that a request belongs to,
// empty for a request of a person.
func fullRequesterRoot(q store.Reader, r *request) (string, error) {
	if r.requesterComputer == "" && r.requesterPartition == "" {
		return "", nil
	}
	parent, err := findInstance(q, "computer = ? AND partition = ? AND NOT shared", r.requesterComputer, r.requesterPartition)
	switch {
	case err != nil:
		return "", err
	case parent == nil:
		return "", unknownPartition(r.requesterComputer, r.requesterPartition)
	case parent.archived:
		return "", &notReadyError{} // its tree is gone, and the title may be that of another one
	case r.Name == parent.rootTitle():
		return "", &badRequestError{"field partition_reference: " + r.Name + " is the name of the tree itself"}
	}
	return parent.rootTitle(), nil
}

// beingCreated reports whether a request for an instance has just been taken:
// the same again is refused for now.
func (s *Server) beingCreated(i *instance) bool {
	return i.computer == "" && s.age(i) < s.allocationDelay()/10
}

// storedSLA is the SLA as it is kept.
func storedSLA(r *request) string {
	sla := r.SLA
	if r.SoftwareType == "pull-backup" && len(sla) > 0 && sla[slap.SLARetention] == "" {
		sla = slap.Parameters{slap.SLARetention: "7.0"}
		for key, value := range r.SLA {
			sla[key] = cmp.Or(value, sla[key])
		}
	}
	return sla.XML()
}

func (s *Server) createFull(tx *store.Tx, r *request, root string) error {
	i := s.newInstance(r, root)
	i.sla = storedSLA(r)
	_, err := insertInstance(tx, i)
	return err
}

// changeFull writes what differs. The SLA is kept and moves nothing; a shared
// instance of another release or type needs another host.
func (s *Server) changeFull(tx *store.Tx, i *instance, r *request) error {
	before := *i
	i.parameters, i.state, i.release, i.kind = r.Parameters.XML(), r.State, r.SoftwareRelease, r.SoftwareType
	if *i != before {
		i.timestamp = s.timestamp()
	}
	i.sla = storedSLA(r)
	if *i == before {
		return nil
	}
	if i.shared && (i.release != before.release || i.kind != before.kind) {
		i.computer, i.partition = "", ""
	}
	_, err := tx.Exec(`UPDATE instance SET release = ?, type = ?, parameters = ?, state = ?, sla = ?, timestamp = ?,
		computer = nullif(?, ''), partition = nullif(?, '') WHERE id = ?`,
		i.release, i.kind, i.parameters, i.state, i.sla, i.timestamp, i.computer, i.partition, i.id)
	if err == nil && i.shared && i.timestamp != before.timestamp {
		err = s.touch(tx, before.computer, before.partition)
	}
	return err
}
