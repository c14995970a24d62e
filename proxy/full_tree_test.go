package proxy

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slapstar/slap"
)

// A destroyed tree is gone for who asked for it, with all that is in it, and
// its title is free; its node sees it until it reports the end.
func TestFullDestroy(t *testing.T) {
	s := ready(t, 4)
	ctx := context.Background()
	first := s.running(t, vm("a"))
	child := vm("child")
	if _, err := s.RequestChild(ctx, "local_computer", first.Partition, child); !errors.Is(err, slap.ErrNotReady) {
		t.Fatalf("got error %v", err)
	}
	until(t, "the child is allocated", func() bool {
		_, err := s.RequestChild(ctx, "local_computer", first.Partition, child)
		return err == nil
	})
	waiting := vm("waiting")
	waiting.SoftwareRelease = "https://lab.example/nowhere.cfg"
	if _, err := s.RequestChild(ctx, "local_computer", first.Partition, waiting); !errors.Is(err, slap.ErrNotReady) {
		t.Fatalf("got error %v", err)
	}
	before := s.timestamps(t)

	gone := vm("a")
	gone.State = slap.Destroyed
	s.taken(t, gone)
	if _, err := s.Instance(ctx, "a"); !errors.Is(err, slap.ErrNotFound) {
		t.Errorf("got error %v, want %v", err, slap.ErrNotFound)
	}
	if _, err := s.Info(ctx, "a"); !errors.Is(err, slap.ErrNotFound) {
		t.Errorf("over HATEOAS: got error %v, want %v", err, slap.ErrNotFound)
	}
	if code, answer := s.call(t, "get.v0.instance_tree", `{"title": "a"}`); code != 403 || !strings.Contains(answer, `"type":"INSTANCE-TREE-NOT-FOUND"`) {
		t.Errorf("got %d %s", code, answer)
	}
	if list, err := s.instanceTitles(t); err != nil || len(list) != 0 {
		t.Errorf("listed: %q, %v", list, err)
	}
	states := func() map[string]string {
		node, err := s.Orders(ctx, "local_computer")
		if err != nil {
			t.Fatal(err)
		}
		states := map[string]string{}
		for _, p := range node.Partitions {
			if p.Occupied {
				states[p.Reference+" "+p.Instance] = p.State
			}
		}
		return states
	}
	if diff := cmp.Diff(map[string]string{"slappart0 a": "destroyed", "slappart1 child": "destroyed"}, states()); diff != "" {
		t.Errorf("for the node (-want +got):\n%s", diff)
	}
	for name, stamp := range s.timestamps(t) {
		if stamp == before[name] {
			t.Errorf("%s has its old timestamp", name)
		}
	}
	if _, err := s.RequestChild(ctx, "local_computer", first.Partition, child); !errors.Is(err, slap.ErrNotReady) {
		t.Errorf("asked for by what is destroyed: got error %v", err)
	}

	second := s.running(t, vm("a"))
	if second.GUID == first.GUID || second.Partition != "slappart2" {
		t.Errorf("the new tree: got %+v", second)
	}
	for _, p := range []string{"slappart0", "slappart1"} {
		if err := s.ReportInstance(ctx, "local_computer", p, slap.Destroyed); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.ReportInstance(ctx, "local_computer", "slappart2", slap.Destroyed); err != nil { // and nothing happens
		t.Errorf("the end of what runs: got error %v", err)
	}
	if code, answer := s.call(t, "put.v0.software_instance_reported_state", fmt.Sprintf(`{"instance_guid": %q, "reported_state": "destroyed"}`, second.GUID)); code != 200 {
		t.Errorf("the end of what runs: got %d %s", code, answer)
	}
	if diff := cmp.Diff(map[string]string{"slappart2 a": "started"}, states()); diff != "" {
		t.Errorf("in the end (-want +got):\n%s", diff)
	}

	never := vm("never")
	never.State = slap.Destroyed
	s.taken(t, never)
	if list, err := s.instanceTitles(t); err != nil || !cmp.Equal(list, []string{"a"}) {
		t.Errorf("listed: %q, %v", list, err)
	}
}

// instanceTitles are the trees by JSON-RPC, in its order.
func (s *site) instanceTitles(t *testing.T) ([]string, error) {
	list, err := s.client(t, slap.Options{Only: slap.JSONRPC}).Instances(context.Background())
	if err != nil {
		return nil, err
	}
	var titles []string
	for title := range list.Partial {
		titles = append(titles, title)
	}
	return titles, nil
}

// Children change release and type, and not shared.
func TestFullChildren(t *testing.T) {
	s := ready(t, 2)
	ctx := context.Background()
	root := s.running(t, vm("root"))
	ask := func(change func(*slap.InstanceRequest)) (slap.Instance, error) {
		r := vm("child")
		if change != nil {
			change(&r)
		}
		return s.RequestChild(ctx, root.Computer, root.Partition, r)
	}
	ask(nil)
	until(t, "the child is allocated", func() bool { _, err := ask(nil); return err == nil })
	child, err := ask(func(r *slap.InstanceRequest) { r.SoftwareRelease += "2"; r.SoftwareType = "other" })
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.InstanceByGUID(ctx, child.GUID)
	if err != nil || got.SoftwareRelease != kvm+"2" || got.SoftwareType != "other" || got.Root != "root" || got.Partition != "slappart1" {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := ask(func(r *slap.InstanceRequest) { r.Shared = true }); !errors.Is(err, slap.ErrRefused) {
		t.Errorf("shared: got error %v, want %v", err, slap.ErrRefused)
	}
	if _, err := ask(func(r *slap.InstanceRequest) { r.Name = "root" }); err == nil || !strings.Contains(err.Error(), "the name of the tree") {
		t.Errorf("a child with the name of the tree: got error %v", err)
	}
	if _, err := s.RequestChild(ctx, root.Computer, "slappart9", vm("x")); err == nil || !strings.Contains(err.Error(), "404 Not Found: NotFound: Unknown partition") {
		t.Errorf("asked for by nobody: got error %v", err)
	}
	if addresses, err := s.TreeAddresses(ctx, root.Computer, root.Partition); err != nil ||
		!cmp.Equal(addresses, []slap.Address{{Interface: "tap1", Address: "2001:db8::1"}, {Interface: "tap2", Address: "2001:db8::2"}}) {
		t.Errorf("addresses of the tree: got %v, %v", addresses, err)
	}
	if err := s.RelateInstances(ctx, root.Computer, root.Partition, []string{"child"}); err != nil {
		t.Error(err)
	}
}

// A shared instance goes to a host that the SLA lets it, whatever the release and the
// type of that are, and to another one when that ends.
func TestFullShared(t *testing.T) {
	s := ready(t, 3)
	ctx := context.Background()
	shared := vm("shared")
	shared.Shared, shared.Parameters = true, slap.Parameters{"k": "v"}
	s.taken(t, shared)
	s.neverAllocated(t, "shared")
	first := s.running(t, vm("first"))
	if i := s.allocated(t, "shared"); i.Partition != first.Partition || !i.Shared || i.Parameters["k"] != "v" {
		t.Errorf("got %+v", i)
	}
	second := s.running(t, vm("second"))
	other := vm("other")
	other.Shared, other.SLA = true, slap.Parameters{"instance_guid": second.GUID}
	if i := s.running(t, other); i.Partition != second.Partition {
		t.Errorf("got it on %s, want the host that the SLA names", i.Partition)
	}
	nowhere := vm("nowhere")
	nowhere.Shared, nowhere.SLA = true, slap.Parameters{"instance_guid": "SOFTINST-12345"}
	s.taken(t, nowhere)
	s.neverAllocated(t, "nowhere")

	i, err := s.Instance(ctx, "other")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Publish(ctx, second.Computer, second.Partition, i.GUID, slap.Parameters{"url": "https://x/"}); err != nil {
		t.Fatal(err)
	}
	p, err := s.Partition(ctx, second.Computer, second.Partition)
	if err != nil || len(p.Shared) != 1 || p.Shared[0].Reference != i.GUID || p.Shared[0].Title != "other" || p.Shared[0].Parameters["url"] != "https://x/" {
		t.Errorf("the host sees %+v, %v", p, err)
	}
	if list, err := s.SharedInstancesOf(ctx, second.GUID); err != nil || len(list) != 1 || list[0].GUID != i.GUID {
		t.Errorf("got %+v, %v", list, err)
	}
	if code, answer := s.call(t, "allDocs.v0.instance_node_instance_list", `{"instance_guid": "SOFTINST-12345"}`); code != 403 || !strings.Contains(answer, "HOST-INSTANCE-NOT-FOUND") {
		t.Errorf("got %d %s", code, answer)
	}
	before := s.timestamps(t)["second"]
	stopped := other
	stopped.State = slap.Stopped
	if _, err := s.RequestInstance(ctx, stopped); err != nil {
		t.Fatal(err)
	}
	if after := s.timestamps(t)["second"]; after == before {
		t.Error("the host of a changed one has its old timestamp")
	}
	if p, err := s.Partition(ctx, second.Computer, second.Partition); err != nil || len(p.Shared) != 0 {
		t.Errorf("a stopped one: the host sees %+v, %v", p, err)
	}
	if i, err := s.Instance(ctx, "other"); err != nil || i.State != slap.Stopped {
		t.Errorf("got %s, %v", i.State, err)
	}

	gone := vm("first")
	gone.State = slap.Destroyed
	s.taken(t, gone)
	if err := s.ReportInstance(ctx, first.Computer, first.Partition, slap.Destroyed); err != nil {
		t.Fatal(err)
	}
	until(t, "it has another host", func() bool {
		i, err := s.Instance(ctx, "shared")
		return err == nil && i.Partition == second.Partition
	})
	before = s.timestamps(t)["second"]
	shared.State = slap.Destroyed
	s.taken(t, shared)
	if after := s.timestamps(t)["second"]; after == before {
		t.Error("the host of a destroyed one has its old timestamp")
	}
	if _, err := s.Instance(ctx, "shared"); !errors.Is(err, slap.ErrNotFound) {
		t.Errorf("got error %v, want %v", err, slap.ErrNotFound)
	}
}

// A shared instance stays where it is when a partition asks for it with another
// release: those of its host are not compared.
func TestFullSharedStays(t *testing.T) {
	s := ready(t, 2)
	ctx := context.Background()
	first := s.running(t, vm("first"))
	shared := vm("shared")
	shared.Shared = true
	on := func(partition string) {
		t.Helper()
		until(t, "it is on "+partition, func() bool {
			i, err := s.RequestChild(ctx, first.Computer, first.Partition, shared)
			if err != nil && !errors.Is(err, slap.ErrNotReady) {
				t.Fatal(err)
			}
			return i.Partition == partition
		})
	}
	on(first.Partition)
	shared.SoftwareRelease = "https://lab.example/next/software.cfg"
	on(first.Partition)
}

// A plain and a shared instance of one name are one.
func TestFullOneNamespace(t *testing.T) {
	s := ready(t, 2)
	s.running(t, vm("a"))
	shared := vm("a")
	shared.Shared = true
	if _, err := s.RequestInstance(context.Background(), shared); !errors.Is(err, slap.ErrRefused) {
		t.Errorf("got error %v, want %v", err, slap.ErrRefused)
	}
}

// A renamed root leaves its tree without one: that is there, and not ready, and
// a request by its title makes another root.
func TestFullRename(t *testing.T) {
	for name, rename := range map[string]func(*site, slap.Instance, string) error{
		"legacy": func(s *site, i slap.Instance, title string) error {
			return s.Rename(context.Background(), i.Computer, i.Partition, title)
		},
		"JSON-RPC": func(s *site, i slap.Instance, title string) error {
			return s.RenameShared(context.Background(), i.GUID, title)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := ready(t, 3)
			ctx := context.Background()
			root := s.running(t, vm("a"))
			if err := rename(s, root, "b"); err != nil {
				t.Fatal(err)
			}
			if code, answer := s.call(t, "get.v0.instance_tree", `{"title": "a"}`); code != 200 || !strings.Contains(answer, "SoftwareInstanceNotReady") {
				t.Errorf("the tree: got %d %s", code, answer)
			}
			if _, err := s.Instance(ctx, "b"); !errors.Is(err, slap.ErrNotFound) {
				t.Errorf("got error %v, want %v", err, slap.ErrNotFound)
			}
			if i, err := s.InstanceByGUID(ctx, root.GUID); err != nil || i.Name != "b" || i.Root != "a" {
				t.Errorf("got %+v, %v", i, err)
			}
			if list, err := s.instanceTitles(t); err != nil || !cmp.Equal(list, []string{"a"}) {
				t.Errorf("trees: got %q, %v", list, err)
			}
			if info, err := s.Info(ctx, "a"); err != nil || info.Reference != "HOSTSUBS-1" || info.SoftwareRelease != kvm {
				t.Errorf("got %+v, %v", info, err)
			}
			changed := vm("a")
			changed.SoftwareRelease += "2"
			if _, err := s.RequestInstance(ctx, changed); !errors.Is(err, slap.ErrRefused) {
				t.Errorf("another release: got error %v, want %v", err, slap.ErrRefused)
			}
			s.taken(t, vm("a"))
			until(t, "there is a new root", func() bool {
				i, err := s.Instance(ctx, "a")
				return err == nil && i.Partition == "slappart1"
			})
			if err := rename(s, root, "a"); err == nil {
				t.Error("a title that is taken: got no error")
			}
			gone := vm("a")
			gone.State = slap.Destroyed
			s.taken(t, gone)
			if node, err := s.Orders(ctx, "local_computer"); err != nil || node.Partitions[0].State != slap.Destroyed || node.Partitions[1].State != slap.Destroyed {
				t.Errorf("got %+v, %v", node, err)
			}
		})
	}
}
