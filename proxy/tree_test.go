package proxy

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"slapstar/slap"
)

// newTree returns a Master with the tree root: child and grandchild on
// partitions, and a shared instance that the root asked for, carried by host.
func newTree(t *testing.T) *site {
	t.Helper()
	s := newSite(t, Options{})
	s.formatNode(t, "local_computer", 6)
	ctx := context.Background()
	other := vm("host")
	other.SoftwareType = "other"
	shared := other
	shared.Name, shared.Shared = "user", true
	for _, err := range []error{
		second(s.RequestInstance(ctx, vm("root"))),
		second(s.RequestInstance(ctx, other)),
		second(s.RequestChild(ctx, "local_computer", "slappart0", vm("child"))),
		second(s.RequestChild(ctx, "local_computer", "slappart2", vm("grandchild"))),
		second(s.RequestChild(ctx, "local_computer", "slappart0", shared)),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func (s *site) timestamps(t *testing.T) map[string]string {
	t.Helper()
	node, err := s.Orders(context.Background(), "local_computer")
	if err != nil {
		t.Fatal(err)
	}
	stamps := map[string]string{}
	for _, p := range node.Partitions {
		if p.Occupied {
			stamps[p.Instance] = p.Timestamp
		}
	}
	return stamps
}

func TestBang(t *testing.T) {
	for name, bang := range map[string]func(*site) error{
		"legacy": func(s *site) error { return s.Bang(context.Background(), "local_computer", "slappart2", "why") },
		"JSON-RPC": func(s *site) error {
			_, answer := s.post(t, "slapos.put.v0.software_instance_bang", "application/json", `{"instance_guid": "child___root___0", "message": "why"}`)
			if !strings.Contains(answer, "Bang handled") {
				return errors.New(answer)
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newTree(t)
			before := s.timestamps(t)
			if err := bang(s); err != nil {
				t.Fatal(err)
			}
			for name, stamp := range s.timestamps(t) {
				if banged := stamp != before[name]; banged != (name != "host") {
					t.Errorf("%s: timestamp %s, before %s", name, stamp, before[name])
				}
			}
		})
	}
}

// A renamed root keeps its children, the shared one included, on both
// interfaces.
func TestRenameTree(t *testing.T) {
	ctx := context.Background()
	for name, renameRoot := range map[string]func(*site) error{
		"legacy": func(s *site) error { return s.Rename(ctx, "local_computer", "slappart0", "new") },
		"JSON-RPC": func(s *site) error {
			if code, answer := s.post(t, "slapos.put.v0.software_instance_title", "application/json", `{"instance_guid": "root______0", "title": "new"}`); code != 200 {
				return errors.New(answer)
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newTree(t)
			if err := renameRoot(s); err != nil {
				t.Fatal(err)
			}
			for _, guid := range []string{"new______0", "child___new___0", "grandchild___new___0", "user___new___1"} {
				if _, err := s.InstanceByGUID(ctx, guid); err != nil {
					t.Error(err)
				}
			}
			if _, err := s.RequestChild(ctx, "local_computer", "slappart0", vm("child")); err != nil {
				t.Fatal(err)
			}
			if p, err := s.Partition(ctx, "local_computer", "slappart4"); err != nil || p.Occupied {
				t.Errorf("the child was asked for again and got a second partition: %+v, %v", p, err)
			}
		})
	}
}

func TestRenameToTakenName(t *testing.T) {
	s := newTree(t)
	ctx := context.Background()
	if err := s.Rename(ctx, "local_computer", "slappart0", "host"); err == nil || !strings.Contains(err.Error(), "There is an instance host already.") {
		t.Errorf("got error %v", err)
	}
	// Names of other trees are free.
	if err := s.Rename(ctx, "local_computer", "slappart2", "host"); err != nil {
		t.Error(err)
	}
}

// A tree is freed from its leaves; a shared instance in it, which no node
// reports, does not hold it up and does not stay.
func TestDestroyTree(t *testing.T) {
	s := newTree(t)
	ctx := context.Background()
	destroyed := func(partition string) error {
		return s.ReportInstance(ctx, "local_computer", partition, slap.Destroyed)
	}
	err := destroyed("slappart0")
	if !errors.Is(err, slap.ErrNotReady) || !strings.HasSuffix(err.Error(), "child partitions: child, grandchild") {
		t.Errorf("got error %v", err)
	}
	code, answer := s.post(t, "slapos.put.v0.software_instance_reported_state", "application/json", `{"instance_guid": "root______0", "reported_state": "destroyed"}`)
	if code != 403 || !strings.Contains(answer, "child partitions: child, grandchild") {
		t.Errorf("over JSON-RPC: got %d %s", code, answer)
	}
	for _, partition := range []string{"slappart3", "slappart2", "slappart0"} {
		if err := destroyed(partition); err != nil {
			t.Error(err)
		}
	}
	p, err := s.Partition(ctx, "local_computer", "slappart1")
	if err != nil || !p.Occupied || len(p.Shared) != 0 {
		t.Errorf("the host has %+v, %v", p, err)
	}
	if list, err := findInstances(s.db, "1"); err != nil || len(list) != 1 {
		t.Errorf("got %v, %v, want the host alone", list, err)
	}
}

func TestChildFollowsRoot(t *testing.T) {
	s := newTree(t)
	ctx := context.Background()
	root := vm("root")
	root.State = slap.Stopped
	if _, err := s.RequestInstance(ctx, root); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"child", "brand-new"} {
		if _, err := s.RequestChild(ctx, "local_computer", "slappart0", vm(name)); err != nil {
			t.Fatal(err)
		}
	}
	for guid, want := range map[string]string{"child___root___0": slap.Stopped, "brand-new___root___0": slap.Started} {
		if got, err := s.InstanceByGUID(ctx, guid); err != nil || got.State != want {
			t.Errorf("%s: got state %s, %v, want %s", guid, got.State, err, want)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// A root that was renamed to nothing left its children as roots.
func TestRenameToNothing(t *testing.T) {
	s := newSite(t, Options{Simulator: DefaultSimulator{Delay: time.Hour}})
	ctx := context.Background()
	root, err := s.RequestInstance(ctx, vm("root"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.RequestChild(ctx, root.Computer, root.Partition, vm("child")); err != nil {
		t.Fatal(err)
	}
	for endpoint, request := range map[string][2]string{
		"softwareInstanceRename":                {"application/x-www-form-urlencoded", "computer_id=" + root.Computer + "&computer_partition_id=" + root.Partition + "&new_name="},
		"slapos.put.v0.software_instance_title": {"application/json", `{"instance_guid": "root______0", "title": ""}`},
	} {
		if code, answer := s.post(t, endpoint, request[0], request[1]); code != 400 {
			t.Errorf("%s: got %d %s", endpoint, code, answer)
		}
	}
	if got := s.instances(t); len(got) != 1 || got["root"].Name != "root" {
		t.Errorf("the trees are %v", got)
	}
}
