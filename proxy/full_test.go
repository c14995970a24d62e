package proxy

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slapstar/slap"
	"slapstar/slap/marshal"
)

// A clock is one that a test sets.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Unix(1_800_000_000, 0)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(time.Microsecond) // no two timestamps are the same
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	c.now = c.now.Add(d)
	c.mu.Unlock()
}

// newFull returns a full Master that allocates at once, and a client that
// repeats nothing.
func newFull(t *testing.T, o Options) *site {
	t.Helper()
	o.Profile = Full
	if o.AllocationDelay == 0 {
		o.AllocationDelay = -1
	}
	s := newSite(t, o)
	s.Client = s.client(t, slap.Options{})
	return s
}

func (s *site) client(t *testing.T, o slap.Options) *slap.Client {
	t.Helper()
	o.MasterURL, o.Transport, o.Retry = "http://embedded/", s.http.Transport, slap.RetryPolicy{Tries: 1}
	c, err := slap.NewClient(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (s *site) form(t *testing.T, endpoint string, fields ...string) (int, string) {
	t.Helper()
	values := url.Values{}
	for n := 0; n < len(fields); n += 2 {
		values.Set(fields[n], fields[n+1])
	}
	return s.post(t, endpoint, "application/x-www-form-urlencoded", values.Encode())
}

func (s *site) call(t *testing.T, method, body string) (int, string) {
	t.Helper()
	return s.post(t, "slapos."+method, "application/json", body)
}

// format registers the partitions of a node that the full Master knows.
func (s *site) format(t *testing.T, node string, partitions ...string) {
	t.Helper()
	list := make([]string, len(partitions))
	for n, p := range partitions {
		list[n] = fmt.Sprintf(`{"partition_id": %q, "ip_list": [{"ip-address": "2001:db8::%d", "network-interface": "tap%[2]d"}]}`, p, n+1)
	}
	code, answer := s.call(t, "put.v0.compute_node_format",
		fmt.Sprintf(`{"computer_guid": %q, "compute_partition_list": [%s]}`, node, strings.Join(list, ",")))
	if code != 200 || !strings.Contains(answer, "Format handled") {
		t.Fatalf("format: got %d %s", code, answer)
	}
}

// supplied has a release reported available on a node.
func (s *site) supplied(t *testing.T, node, release string) {
	t.Helper()
	ctx := context.Background()
	if err := s.Supply(ctx, slap.SoftwareInstallation{SoftwareRelease: release, Computer: node}); err != nil {
		t.Fatal(err)
	}
	if err := s.ReportSoftware(ctx, node, release, slap.Available); err != nil {
		t.Fatal(err)
	}
}

// taken asks for an instance and wants the answer "not ready".
func (s *site) taken(t *testing.T, r slap.InstanceRequest) {
	t.Helper()
	if _, err := s.RequestInstance(context.Background(), r); !errors.Is(err, slap.ErrNotReady) {
		t.Fatalf("%s: got error %v, want %v", r.Name, err, slap.ErrNotReady)
	}
}

// until waits for something that happens in the background.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for range 500 {
		if done() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("waited in vain: %s", what)
}

// allocated waits until a tree has a place.
func (s *site) allocated(t *testing.T, name string) (i slap.Instance) {
	t.Helper()
	until(t, name+" is allocated", func() bool {
		var err error
		i, err = s.Instance(context.Background(), name)
		if err != nil && !errors.Is(err, slap.ErrNotReady) {
			t.Fatal(err)
		}
		return i.Computer != ""
	})
	return i
}

// neverAllocated looks whether an instance has a place although the allocation
// has had its time.
func (s *site) neverAllocated(t *testing.T, name string) {
	t.Helper()
	for range 3 {
		if _, err := s.allocateDue(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	if i, err := s.Instance(context.Background(), name); err != nil || i.Computer != "" {
		t.Errorf("%s: got it on %q, %v, want it without a place", name, i.Computer, err)
	}
}

// ready has a full Master with the node local_computer of so many partitions, on
// which the release is available.
func ready(t *testing.T, partitions int) *site {
	s := newFull(t, Options{})
	list := make([]string, partitions)
	for n := range list {
		list[n] = fmt.Sprintf("slappart%d", n)
	}
	s.format(t, "local_computer", list...)
	s.supplied(t, "local_computer", kvm)
	return s
}

func (s *site) running(t *testing.T, r slap.InstanceRequest) slap.Instance {
	t.Helper()
	s.taken(t, r)
	return s.allocated(t, r.Name)
}

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
	s := newFull(t, Options{Simulator: nodesOnly{{"COMP-1", 1}, {"COMP-2", 1}}})
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

// nodesOnly declares nodes that never report anything.
type nodesOnly []SimulatedNode

func (n nodesOnly) Nodes() []SimulatedNode { return n }
func (nodesOnly) Instance(context.Context, SimulatedInstance) (Outcome, error) {
	return Outcome{Error: "it plays dead"}, nil
}
func (nodesOnly) Software(_ context.Context, w SimulatedSoftware) (Outcome, error) {
	return Outcome{Delay: time.Hour}, nil
}

// A user changes parameters, state and SLA, and nothing else.
func TestFullRequestChanges(t *testing.T) {
	s := ready(t, 1)
	ctx := context.Background()
	r := vm("a")
	r.Parameters, r.SLA = slap.Parameters{"size": "1", "empty": ""}, slap.Parameters{"computer_guid": "local_computer"}
	s.running(t, r)
	stamp := s.timestamps(t)["a"]
	for name, change := range map[string]func(*slap.InstanceRequest){
		"release": func(r *slap.InstanceRequest) { r.SoftwareRelease += "2" },
		"type":    func(r *slap.InstanceRequest) { r.SoftwareType = "RootSoftwareInstance" },
		"shared":  func(r *slap.InstanceRequest) { r.Shared = true },
	} {
		changed := r
		change(&changed)
		for _, client := range []*slap.Client{s.Client, s.client(t, slap.Options{Only: slap.JSONRPC})} {
			_, err := client.RequestInstance(ctx, changed)
			if !errors.Is(err, slap.ErrRefused) || !strings.Contains(err.Error(), "NotImplementedError: You can not change the release / type / shared states") {
				t.Errorf("%s: got error %v", name, err)
			}
		}
	}
	check := func(what string, banged bool) {
		t.Helper()
		if _, err := s.RequestInstance(ctx, r); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		got, err := s.Instance(ctx, "a")
		if err != nil {
			t.Fatal(err)
		}
		want := r
		if want.State == "" {
			want.State = slap.Started
		}
		if want.Parameters == nil {
			want.Parameters = slap.Parameters{}
		}
		if diff := cmp.Diff(want, got.InstanceRequest); diff != "" || !got.SLAKnown {
			t.Errorf("%s: SLA known: %v (-want +got):\n%s", what, got.SLAKnown, diff)
		}
		now := s.timestamps(t)["a"]
		if (now != stamp) != banged {
			t.Errorf("%s: timestamp %s, before %s", what, now, stamp)
		}
		stamp = now
	}
	check("nothing", false)
	r.Parameters = slap.Parameters{"size": "2"}
	check("parameters", true)
	r.SLA = slap.Parameters{"computer_guid": "elsewhere"}
	check("SLA", false)
	r.State = slap.Stopped
	check("state", true)
	r.State = ""
	check("no state, which is started", true)
	r.Parameters = nil
	check("no parameters", true)
}

// What is left out of a legacy request is started, not shared and empty.
func TestFullRequestDefaults(t *testing.T) {
	s := ready(t, 1)
	fields := []string{"software_release", kvm, "partition_reference", "a", "software_type", "default"}
	if code, answer := s.form(t, "requestComputerPartition", fields...); code != http.StatusRequestTimeout {
		t.Fatalf("got %d %s", code, answer)
	}
	i := s.allocated(t, "a")
	if i.State != slap.Started || i.Shared || len(i.Parameters) != 0 || len(i.SLA) != 0 {
		t.Errorf("got %+v", i)
	}
	if code, answer := s.form(t, "requestComputerPartition", fields[2:]...); code != 400 || !strings.Contains(answer, "software_release") {
		t.Errorf("got %d %s", code, answer)
	}
}

// The answer to a request has the keys that the reference lists.
func TestFullRequestAnswer(t *testing.T) {
	s := ready(t, 1)
	r := vm("a")
	r.Parameters, r.SLA = slap.Parameters{"timestamp": "mine"}, slap.Parameters{"computer_guid": "local_computer"}
	i := s.running(t, r)
	encode := func(v any) string {
		document, err := marshal.Encode(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(document)
	}
	_, answer := s.form(t, "requestComputerPartition", "software_release", kvm, "partition_reference", "a", "software_type", "default",
		"partition_parameter_xml", encode(map[string]any{"timestamp": "mine"}), "filter_xml", encode(map[string]any{"computer_guid": "local_computer"}))
	v, err := marshal.Decode([]byte(answer))
	if err != nil {
		t.Fatal(err)
	}
	got := v.(*marshal.Object)
	if stamp, ok := got.State["timestamp"].(int64); !ok || stamp < 1e15 {
		t.Errorf("timestamp: got %#v, want microseconds", got.State["timestamp"])
	}
	delete(got.State, "timestamp")
	want := map[string]any{
		"_connection_dict": map[string]any{}, "_filter_dict": map[string]any{"computer_guid": "local_computer"},
		"_instance_guid": i.GUID, "_parameter_dict": map[string]any{"timestamp": "mine"}, "_requested_state": "started",
		"full_ip_list": []any{}, "instance_title": "a", "ip_list": []any{marshal.Tuple{"tap1", "2001:db8::1"}},
		"root_instance_short_title": "", "root_instance_title": "a", "slap_computer_id": "local_computer",
		"slap_computer_partition_id": "slappart0", "slap_software_release_url": kvm, "slap_software_type": "default",
		"slave_instance_list": []any{},
	}
	if diff := cmp.Diff(want, got.State); diff != "" || got.Class != "SoftwareInstance" {
		t.Errorf("class %s (-want +got):\n%s", got.Class, diff)
	}
}

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
		node, err := s.Node(ctx, "local_computer")
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
	if err := s.ReportInstance(ctx, "local_computer", "slappart2", slap.Destroyed); !errors.Is(err, slap.ErrNotFound) {
		t.Errorf("the end of what runs: got error %v, want %v", err, slap.ErrNotFound)
	}
	if code, answer := s.call(t, "put.v0.software_instance_reported_state", fmt.Sprintf(`{"instance_guid": %q, "reported_state": "destroyed"}`, second.GUID)); code != 403 ||
		!strings.Contains(answer, "SOFTWARE-INSTANCE-WRONG-REPORTED-STATE") {
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
	if _, err := s.RequestChild(ctx, root.Computer, "slappart9", vm("x")); err == nil || !strings.Contains(err.Error(), "404 Not Found: Unknown partition") {
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

// A shared instance goes to any host of its release and type that the SLA lets
// it, and to another one when that ends.
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
	stopped := other
	stopped.State = slap.Stopped
	if _, err := s.RequestInstance(ctx, stopped); err != nil {
		t.Fatal(err)
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
	shared.State = slap.Destroyed
	s.taken(t, shared)
	if _, err := s.Instance(ctx, "shared"); !errors.Is(err, slap.ErrNotFound) {
		t.Errorf("got error %v, want %v", err, slap.ErrNotFound)
	}
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
			if node, err := s.Node(ctx, "local_computer"); err != nil || node.Partitions[0].State != slap.Destroyed || node.Partitions[1].State != slap.Destroyed {
				t.Errorf("got %+v, %v", node, err)
			}
		})
	}
}
