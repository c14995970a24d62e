package proxy

import (
	"context"
	"errors"
	"testing"

	"slapstar/slap"
)

func TestHostOfSharedInstance(t *testing.T) {
	s := newSite(t, Options{})
	s.formatNode(t, "local_computer", 3)
	s.formatNode(t, "COMP-2", 1)
	ctx := context.Background()
	first, second, third := vm("first"), vm("second"), vm("third")
	third.SLA = slap.Parameters{"computer_guid": "COMP-2"}
	for _, host := range []slap.InstanceRequest{first, second, third} {
		if _, err := s.RequestInstance(ctx, host); err != nil {
			t.Fatal(err)
		}
	}
	shared := vm("shared")
	shared.Shared = true
	ask := func(want, release, parameter, state string, sla slap.Parameters) {
		t.Helper()
		shared.SoftwareRelease, shared.Parameters, shared.State, shared.SLA = release, slap.Parameters{"k": parameter}, state, sla
		if _, err := s.RequestInstance(ctx, shared); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Instance(ctx, "shared"); err != nil || got.Computer+" "+got.Partition != want || got.State != slap.Started {
			t.Errorf("got it %s on %s %s, %v, want it on %s", got.State, got.Computer, got.Partition, err, want)
		}
	}
	ask("local_computer slappart1", kvm, "1", slap.Started, slap.Parameters{"instance_guid": "slappart1"})
	ask("local_computer slappart1", kvm, "2", slap.Stopped, nil) // it stays, and its state is not kept
	ask("local_computer slappart1", kvm, "3", slap.Started, slap.Parameters{"computer_guid": "COMP-2"})

	// What is to be destroyed carries what it carries, and nothing new.
	first.State, second.State = slap.Destroyed, slap.Destroyed
	for _, host := range []slap.InstanceRequest{first, second} {
		if _, err := s.RequestInstance(ctx, host); err != nil {
			t.Fatal(err)
		}
	}
	ask("local_computer slappart1", kvm, "4", slap.Started, nil)
	another := shared
	another.Name = "another"
	if _, err := s.RequestInstance(ctx, another); !errors.Is(err, slap.ErrNoPartition) {
		t.Errorf("got error %v, want %v", err, slap.ErrNoPartition)
	}

	// It moves when its release does, and both hosts learn of it.
	third.SoftwareRelease = "https://lab.example/next/software.cfg"
	if _, err := s.RequestInstance(ctx, third); err != nil {
		t.Fatal(err)
	}
	before := s.timestamps(t)["second"]
	ask("COMP-2 slappart0", third.SoftwareRelease, "5", slap.Started, third.SLA)
	if after := s.timestamps(t)["second"]; after == before {
		t.Error("the host that it left has its old timestamp")
	}
}

// Shared instances are listed by their host, not by one of them.
func TestSharedListOfHostAlone(t *testing.T) {
	s := newHost(t)
	if code, answer := s.requestShared(t, "shared", "<marshal><dictionary/></marshal>"); code != 200 {
		t.Fatalf("got %d %s", code, answer)
	}
	ctx := context.Background()
	if list, err := s.SharedInstancesOf(ctx, "host______0"); err != nil || len(list) != 1 {
		t.Errorf("got %v, %v, want one", list, err)
	}
	if _, err := s.SharedInstancesOf(ctx, "shared______1"); !errors.Is(err, slap.ErrNotFound) {
		t.Errorf("got error %v, want %v", err, slap.ErrNotFound)
	}
}
