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

// What was asked for is there and not ready, then not to be asked for again for
// a moment, and has a place when its time has come.
func TestFullAllocationTakesTime(t *testing.T) {
	c := newClock()
	s := newFull(t, Options{Now: c.Now, AllocationDelay: 10 * time.Second})
	s.format(t, "local_computer", "slappart0")
	s.supplied(t, "local_computer", kvm)
	ctx := context.Background()
	s.taken(t, vm("a"))
	if code, answer := s.call(t, "get.v0.instance_tree", `{"title": "a"}`); code != 200 || !strings.Contains(answer, "SoftwareInstanceNotReady") {
		t.Errorf("a tree that is being made: got %d %s", code, answer)
	}
	_, err := s.RequestInstance(ctx, vm("a"))
	if !errors.Is(err, slap.ErrBusy) || !strings.Contains(err.Error(), "NotImplementedError: a_inProgress") {
		t.Errorf("at once: got error %v, want one in progress", err)
	}
	body := fmt.Sprintf(`{"title": "a", "software_release_uri": %q, "software_type": "default"}`, kvm)
	if code, answer := s.call(t, "post.v0.software_instance", body); code != 500 ||
		!strings.Contains(answer, `"title":"NotImplementedError: a_inProgress","type":"unknown-error"`) {
		t.Errorf("at once: got %d %s", code, answer)
	}
	c.advance(time.Second)
	s.taken(t, vm("a"))
	if code, answer := s.call(t, "post.v0.software_instance", body); code != 200 ||
		strings.TrimSpace(answer) != `{"message":"Software Instance Not Ready","name":"SoftwareInstanceNotReady","status":102}` {
		t.Errorf("a second later: got %d %s", code, answer)
	}
	s.neverAllocated(t, "a")
	if code, answer := s.call(t, "get.v0.instance_tree", `{"title": "a"}`); code != 200 ||
		!strings.Contains(answer, `"root_instance_title":""`) || !strings.Contains(answer, `"compute_partition_id":""`) {
		t.Errorf("without a place: got %d %s", code, answer)
	}
	c.advance(9 * time.Second)
	s.wakeAllocation()
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
