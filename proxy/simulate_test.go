package proxy

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slapstar/slap"
)

// A script is a simulator that answers as it was told, and notes what it was
// asked.
type script struct {
	nodes    []SimulatedNode
	instance func(SimulatedInstance) (Reaction, error)
	software func(SimulatedSoftware) Reaction

	mu    sync.Mutex
	asked []SimulatedInstance
}

func (s *script) Nodes() []SimulatedNode { return s.nodes }

func (s *script) Instance(_ context.Context, i SimulatedInstance) (Reaction, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i.Age = 0
	s.asked = append(s.asked, i)
	return s.instance(i)
}

func (s *script) Software(_ context.Context, w SimulatedSoftware) (Reaction, error) {
	if s.software == nil {
		return Reaction{}, nil
	}
	return s.software(w), nil
}

func (s *script) questions() []SimulatedInstance {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

// eventually waits for what a simulated node does.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for range 500 {
		if is() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("after 5 s: not %s", what)
}

// What a simulated node is told, and what becomes of its answers: a delay, an
// error, connection parameters, and again after a change.
func TestSimulator(t *testing.T) {
	ctx := context.Background()
	sim := &script{nodes: []SimulatedNode{{"local_computer", 2}}}
	sim.instance = func(i SimulatedInstance) (Reaction, error) {
		switch {
		case i.Attempt == 0:
			return Reaction{Delay: time.Millisecond}, nil
		case i.SoftwareType == "broken":
			return Reaction{Error: "no space left"}, nil
		case i.SoftwareType == "raising":
			return Reaction{}, errors.New("simulate.star:1:1: oops")
		}
		return Reaction{Connection: slap.Parameters{"of": i.Parameters["a"], "state": i.State}}, nil
	}
	s := newSite(t, Options{Simulator: sim})
	r := vm("a")
	r.Parameters = slap.Parameters{"a": "1"}
	for _, change := range []func(){func() {}, func() { r.Parameters = slap.Parameters{"a": "2"} }, func() { r.State = slap.Stopped }} {
		change()
		if _, err := s.RequestInstance(ctx, r); err != nil {
			t.Fatal(err)
		}
		want := slap.Parameters{"of": r.Parameters["a"], "state": r.State}
		eventually(t, "published again", func() bool { return cmp.Equal(s.instances(t)["a"].ConnectionParameters, want) })
	}
	want := SimulatedInstance{
		InstanceRequest: slap.InstanceRequest{Name: "a", SoftwareRelease: kvm, SoftwareType: "default", State: "started", Parameters: slap.Parameters{"a": "1"}, SLA: slap.Parameters{}},
		Root:            "a", Node: "local_computer", Partition: "slappart0", IPv4: "10.0.1.0", IPv6: "2001:db8:1::1",
	}
	if diff := cmp.Diff(want, sim.questions()[0]); diff != "" {
		t.Errorf("question (-want +got):\n%s", diff)
	}
	for _, kind := range []string{"broken", "raising"} {
		r := vm(kind)
		r.SoftwareType = kind
		if _, err := s.RequestInstance(ctx, r); kind == "raising" {
			if !errors.Is(err, slap.ErrNoPartition) {
				t.Errorf("the third instance on two partitions: got error %v, want %v", err, slap.ErrNoPartition)
			}
			continue
		} else if err != nil {
			t.Fatal(err)
		}
		eventually(t, "failed", func() bool { return s.status1(t, kind) == "#error no space left" })
		if c := s.instances(t)[kind].ConnectionParameters; len(c) > 0 {
			t.Errorf("a failed instance published %v", c)
		}
	}
}

// status1 is what the node reported last of an instance.
func (s *site) status1(t *testing.T, title string) string {
	t.Helper()
	i, err := findInstance(s.Server.db, "title = ?", title)
	if err != nil {
		t.Fatal(err)
	}
	if i == nil { // it is still to be made
		return ""
	}
	return i.status
}

// An instance waits for its software, and a tree goes with its children before
// it.
func TestSimulatedOrder(t *testing.T) {
	ctx := context.Background()
	ready := make(chan struct{})
	sim := &script{
		instance: func(SimulatedInstance) (Reaction, error) { return Reaction{Connection: slap.Parameters{"x": "y"}}, nil },
		software: func(SimulatedSoftware) Reaction {
			select {
			case <-ready:
				return Reaction{}
			default:
				return Reaction{Delay: time.Millisecond}
			}
		},
	}
	s := newSite(t, Options{Simulator: sim})
	if err := s.Supply(ctx, slap.SoftwareInstallation{SoftwareRelease: kvm, Computer: "local_computer", State: slap.Available}); err != nil {
		t.Fatal(err)
	}
	i, err := s.RequestInstance(ctx, vm("root"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.RequestChild(ctx, i.Computer, i.Partition, vm("child")); err != nil {
		t.Fatal(err)
	}
	time.Sleep(200 * time.Millisecond)
	if q := sim.questions(); len(q) > 0 {
		t.Fatalf("the software is not there, and was asked about %v", q)
	}
	close(ready)
	eventually(t, "published", func() bool { return len(s.instances(t)["root"].ConnectionParameters) > 0 })
	r := vm("root")
	r.State = slap.Destroyed
	if _, err := s.RequestInstance(ctx, r); err != nil {
		t.Fatal(err)
	}
	eventually(t, "gone", func() bool {
		node, err := s.Orders(ctx, "local_computer")
		if err != nil {
			t.Fatal(err)
		}
		return !slices.ContainsFunc(node.Partitions, func(p slap.Partition) bool { return p.Occupied })
	})
}

// With no delays all is done at once, whatever time it takes.
func TestNoDelays(t *testing.T) {
	sim := &script{instance: func(i SimulatedInstance) (Reaction, error) {
		if i.Attempt < 3 {
			return Reaction{Delay: time.Hour}, nil
		}
		return Reaction{Connection: slap.Parameters{"x": "y"}}, nil
	}}
	s := newSite(t, Options{Simulator: sim, NoDelays: true})
	if _, err := s.RequestInstance(context.Background(), vm("a")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "published", func() bool { return len(s.instances(t)["a"].ConnectionParameters) > 0 })
}

// Declared nodes keep their partitions and what runs on them from one start to
// the next.
func TestDeclaredNodes(t *testing.T) {
	file := filepath.Join(t.TempDir(), "master.sqlite")
	for _, partitions := range []int{2, 3, 1} {
		sim := &script{nodes: []SimulatedNode{{"COMP-1", partitions}}, instance: func(SimulatedInstance) (Reaction, error) { return Reaction{}, nil }}
		s := newSiteOn(t, Options{Database: file, Simulator: sim})
		r := vm("a")
		r.SLA = slap.Parameters{"computer_guid": "COMP-1"}
		i, err := s.RequestInstance(context.Background(), r)
		if err != nil || i.Partition != "slappart0" {
			t.Errorf("%d partitions: got %v, %v", partitions, i, err)
		}
		node, err := s.Orders(context.Background(), "COMP-1")
		if want := max(partitions, 2); err != nil || len(node.Partitions) < want || len(node.Partitions) > 3 {
			t.Errorf("%d partitions: got %d, %v", partitions, len(node.Partitions), err)
		}
		s.close()
	}
}

// Two processes on one database would give one partition to two instances.
func TestTwoOnOneDatabase(t *testing.T) {
	file := filepath.Join(t.TempDir(), "master.sqlite")
	s := newSiteOn(t, Options{Database: file})
	_, err := Open(Options{Database: file})
	if inUse, ok := errors.AsType[*InUseError](err); !ok || inUse.Path != file {
		t.Errorf("got error %v, want an InUseError", err)
	}
	reader, err := Open(Options{Database: file, ReadOnly: true}) // which changes nothing
	if err != nil {
		t.Fatal(err)
	}
	if err := reader.Close(); err != nil {
		t.Error(err)
	}
	s.close()
	again, err := Open(Options{Database: file})
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

// A read-only Master says so, on each interface with words of its own.
func TestReadOnlyRefusal(t *testing.T) {
	ctx := context.Background()
	s := newSite(t, Options{ReadOnly: true})
	if _, err := s.RequestInstance(ctx, vm("a")); err == nil || !errors.Is(err, slap.ErrUnauthorized) {
		t.Errorf("legacy: got error %v", err)
	}
	c, err := slap.NewClient(slap.Options{MasterURL: "http://embedded/", Transport: s.http.Transport, Only: slap.JSONRPC})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.RequestInstance(ctx, vm("a")); !errors.Is(err, slap.ErrRefused) {
		t.Errorf("JSON-RPC: got error %v, want %v", err, slap.ErrRefused)
	}
	if got := s.instances(t); len(got) != 0 {
		t.Errorf("got %v", got)
	}
}
