package proxy

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"slapstar/slap"
)

// What was asked for is not to be asked for again until the catalogue knows it, first the
// tree and then its root instance, and has a place when its time has come.
func TestFullAllocationTakesTime(t *testing.T) {
	c := newClock()
	s := newFull(t, Options{Now: c.Now, CatalogDelay: 10 * time.Second, SubscriptionDelay: 10 * time.Second, AllocationDelay: 10 * time.Second})
	s.format(t, "local_computer", "slappart0")
	s.supplied(t, "local_computer", kvm)
	ctx := context.Background()
	s.taken(t, vm("a"))
	body := fmt.Sprintf(`{"title": "a", "software_release_uri": %q, "software_type": "default"}`, kvm)
	busy := func(when string, uid uint32) {
		t.Helper()
		want := fmt.Sprintf("NotImplementedError: %d_a_inProgress", uid)
		if _, err := s.RequestInstance(ctx, vm("a")); !errors.Is(err, slap.ErrBusy) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got error %v, want %s", when, err, want)
		}
		if code, answer := s.call(t, "post.v0.software_instance", body); code != 500 || !strings.Contains(answer, `"title":"`+want+`","type":"unknown-error"`) {
			t.Errorf("%s: got %d %s", when, code, answer)
		}
	}
	tree := func(when string, code int, want string) {
		t.Helper()
		if got, answer := s.call(t, "get.v0.instance_tree", `{"title": "a"}`); got != code || !strings.Contains(answer, want) {
			t.Errorf("%s: got %d %s, want %d with %s", when, got, answer, code, want)
		}
	}
	busy("at once", personUID(defaultPerson))
	tree("at once", 403, "INSTANCE-TREE-NOT-FOUND")
	c.advance(10 * time.Second)
	s.taken(t, vm("a"))
	tree("once it is listed", 200, "SoftwareInstanceNotReady")
	if code, answer := s.call(t, "post.v0.software_instance", body); code != 200 ||
		strings.TrimSpace(answer) != `{"message":"Software Instance Not Ready","name":"SoftwareInstanceNotReady","status":102}` {
		t.Errorf("once it is listed: got %d %s", code, answer)
	}
	c.advance(10 * time.Second)
	until(t, "it has a root instance", func() bool {
		i, err := findInstance(s.db, "title = 'a'")
		s.wakeDue()
		return err == nil && i != nil
	})
	busy("as soon as it has a root instance", 1)
	tree("as soon as it has a root instance", 200, "SoftwareInstanceNotReady")
	c.advance(10 * time.Second)
	s.neverAllocated(t, "a")
	s.taken(t, vm("a"))
	tree("without a place", 200, `"root_instance_title":""`)
	tree("without a place", 200, `"compute_partition_id":""`)
	c.advance(10 * time.Second)
	if i := s.allocated(t, "a"); i.Computer != "local_computer" || i.Partition != "slappart0" || !strings.HasPrefix(i.GUID, "SOFTINST-") || i.Root != "a" {
		t.Errorf("got %+v", i)
	}
	if i, err := s.RequestInstance(ctx, vm("a")); err != nil || i.Partition != "slappart0" {
		t.Errorf("got %+v, %v", i, err)
	}
}

// An instance goes where its release is reported available, a partition is free
// and the SLA lets it; otherwise it waits until that is so.
func TestFullAllocationPlaces(t *testing.T) {
	s := newFull(t, Options{Simulator: silentNodes{{"COMP-1", 1}, {"COMP-2", 1}}})
	ctx := context.Background()
	s.taken(t, vm("a"))
	s.neverAllocated(t, "a") // nowhere is its release
	if err := s.Supply(ctx, slap.SoftwareInstallation{SoftwareRelease: kvm, Computer: "COMP-1"}); err != nil {
		t.Fatal(err)
	}
	for _, state := range []string{"", "building"} {
		if state != "" {
			if err := s.ReportSoftware(ctx, "COMP-1", kvm, state); err != nil {
				t.Fatal(err)
			}
		}
		s.neverAllocated(t, "a")
	}
	if err := s.ReportSoftware(ctx, "COMP-1", kvm, slap.Available); err != nil {
		t.Fatal(err)
	}
	if i := s.allocated(t, "a"); i.Computer != "COMP-1" {
		t.Errorf("a: got it on %s", i.Computer)
	}
	b := vm("b")
	b.SLA = slap.Parameters{"computer_guid": "COMP-1"}
	s.taken(t, b)
	s.neverAllocated(t, "b") // the one partition is taken
	unknown := vm("c")
	unknown.SLA = slap.Parameters{"computer_guid": "COMP-2", "colour": "blue"}
	s.taken(t, unknown)
	s.supplied(t, "COMP-2", kvm)
	s.neverAllocated(t, "b") // and not on the other node, which is free
	s.neverAllocated(t, "c") // a key that no Master knows
	d := vm("d")
	d.SLA = slap.Parameters{"computer_guid": "COMP-2", "region": "europe", "retention_delay": "1.5"}
	s.taken(t, d)
	if i := s.allocated(t, "d"); i.Computer != "COMP-2" {
		t.Errorf("d: got it on %s", i.Computer)
	}
	// The place of the first is free when its node has reported the end.
	gone := vm("a")
	gone.State = slap.Destroyed
	s.taken(t, gone)
	s.neverAllocated(t, "b")
	if err := s.ReportInstance(ctx, "COMP-1", "slappart0", slap.Destroyed); err != nil {
		t.Fatal(err)
	}
	if i := s.allocated(t, "b"); i.Computer != "COMP-1" {
		t.Errorf("b: got it on %s", i.Computer)
	}
}

// silentNodes are nodes that never report anything.
type silentNodes []SimulatedNode

func (n silentNodes) Nodes() []SimulatedNode { return n }
func (silentNodes) Instance(context.Context, SimulatedInstance) (Reaction, error) {
	return Reaction{Error: "it plays dead"}, nil
}
func (silentNodes) Software(_ context.Context, w SimulatedSoftware) (Reaction, error) {
	return Reaction{Delay: time.Hour}, nil
}
