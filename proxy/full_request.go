package proxy

import (
	"cmp"
	"slices"
	"time"

	"slapstar/proxy/internal/store"
	"slapstar/slap"
)

// What a request does on the full Master. slapos.core, master add-on
// slapos_slap_tool, SlapTool._requestComputerPartition; the reference, sections
// (b) and (f), has it.

// defaultSubscriptionDelay is how long the alarm takes that subscribes a person to the
// project after the first request for a tree.
const defaultSubscriptionDelay = 500 * time.Millisecond

func (s *Server) subscriptionDelay() time.Duration {
	return delay(s.options.SubscriptionDelay, defaultSubscriptionDelay)
}

// requestFull creates an instance without a place, changes one, or has it end. It
// returns nil when the answer is "not ready".
func (s *Server) requestFull(tx *store.Tx, r *request) (*instance, error) {
	r.State, r.SoftwareType = cmp.Or(r.State, slap.Started), cmp.Or(r.SoftwareType, slap.DefaultType)
	if r.requesterComputer != "" || r.requesterPartition != "" {
		return s.requestMember(tx, r)
	}
	if r.login.node {
		return nil, &notFoundError{"There is no person " + r.login.person + "."}
	}
	project, err := s.projectOf(tx, r)
	if err != nil {
		return nil, err
	}
	t, err := s.findNamed(tx, r.login.person, r.Name)
	switch {
	case err != nil:
		return nil, err
	case t == nil && r.State == slap.Destroyed:
		return nil, nil // nothing happens
	case t == nil:
		return nil, s.createTree(tx, r, project)
	case t.ended.Valid:
		return nil, &exception{"NotImplementedError", "The system was not able to get the expected instance tree"}
	case !s.indexed(t.created):
		return nil, inProgress(personUID(r.login.person), r.Name)
	case t.project != project:
		return nil, &exception{"AssertionError", ""} // a title is that of one tree of a person, over all projects
	case r.SoftwareRelease != t.release, r.SoftwareType != t.kind, r.Shared != t.shared:
		return nil, errFixed
	}
	return s.changeTree(tx, t, r)
}

var errFixed = &exception{"NotImplementedError", "You can not change the release / type / shared states"}

// changeTree writes what a person asks of a tree, and then of its root instance: that
// it is not there yet, or of an account that is not paid, leaves it as it is.
func (s *Server) changeTree(tx *store.Tx, t *tree, r *request) (*instance, error) {
	root, err := t.root(tx)
	if err != nil {
		return nil, err
	}
	if root != nil && !s.indexed(root.created) {
		return nil, inProgress(t.id, r.Name)
	}
	if r.State == slap.Destroyed {
		return nil, s.endTree(tx, t)
	}
	_, err = tx.Exec("UPDATE tree SET parameters = ?, state = ?, sla = ? WHERE id = ?", r.Parameters.XML(), r.State, storedSLA(r), t.id)
	if err != nil || slices.Contains(s.unpaid(), t.owner) {
		return nil, err
	}
	if root == nil {
		if t.rooted { // somebody has renamed it
			i := s.newInstance(r, "")
			i.tree, i.sla = t.id, storedSLA(r)
			_, err = insertInstance(tx, i)
		}
		return nil, err
	}
	if err := s.changeFull(tx, root, r); err != nil || root.computer == "" {
		return nil, err
	}
	return root, nil
}

// storedSLA is the SLA as it is kept.
func storedSLA(r *request) string {
	sla := r.SLA
	if r.SoftwareType == "pull-backup" && sla[slap.SLARetention] == "" {
		sla = slap.Parameters{}
		for key, value := range r.SLA {
			sla[key] = value
		}
		sla[slap.SLARetention] = "7.0"
	}
	return sla.XML()
}

// changeFull writes what differs. The SLA is kept and moves nothing; no more does a
// release or a type.
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
	_, err := tx.Exec("UPDATE instance SET release = ?, type = ?, parameters = ?, state = ?, sla = ?, timestamp = ? WHERE id = ?",
		i.release, i.kind, i.parameters, i.state, i.sla, i.timestamp, i.id)
	if err == nil && i.shared && i.timestamp != before.timestamp {
		err = s.touch(tx, before.computer, before.partition)
	}
	return err
}
