package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"sort"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slapstar/slap"
	"slapstar/slap/config"
)

const (
	kvmRelease     = "https://lab.nexedi.com/nexedi/slapos/raw/1.0.48/software/kvm/software.cfg"
	mariadbRelease = "https://lab.nexedi.com/nexedi/slapos/raw/1.0.48/software/mariadb/software.cfg"
	node           = "local_computer"
)

// A view is what a client sees of a Master.
type view struct {
	Partitions []seenPartition   `json:"partitions"`
	Software   [][2]string       `json:"software"`
	Services   map[string]string `json:"services"`
	Computers  []string          `json:"computers"`
}

type seenPartition struct {
	Reference       string            `json:"reference"`
	State           string            `json:"state"`
	Instance        string            `json:"instance"`
	Root            string            `json:"root"`
	SoftwareRelease string            `json:"software_release"`
	SoftwareType    string            `json:"software_type"`
	Parameters      map[string]string `json:"parameters"`
	Connection      map[string]string `json:"connection"`
	Addresses       [][2]string       `json:"addresses"`
	Shared          []string          `json:"shared"`
}

// stockView is what the stock library sees.
func (s *site) stockView() view {
	s.t.Helper()
	out := s.must(0, filepath.Join(s.peer, "bin", "python"), script(s.t, "view.py"), s.url, node).stdout
	var v view
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		s.t.Fatalf("view.py: %v\n%s", err, out)
	}
	return v
}

func newClient(t testing.TB, url string, only slap.Interface) *slap.Client {
	t.Helper()
	c, err := slap.NewClient(slap.Options{MasterURL: url, Only: only})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func second[T any](_ T, err error) error { return err }

// ourView is what package slap sees, over every interface that tells.
func ourView(t *testing.T, url string) view {
	t.Helper()
	ctx := context.Background()
	orders, err := newClient(t, url, slap.Legacy).Orders(ctx, node)
	if err != nil {
		t.Fatal(err)
	}
	v := view{}
	for _, p := range orders.Partitions {
		seen := seenPartition{Reference: p.Reference, State: p.State}
		if p.Occupied {
			seen.Instance, seen.Root, seen.SoftwareRelease, seen.SoftwareType = p.Instance, p.Root, p.SoftwareRelease, p.SoftwareType
			seen.Parameters, seen.Connection = p.Parameters, p.Connection
			for _, a := range p.Addresses {
				seen.Addresses = append(seen.Addresses, [2]string{a.Interface, a.Address})
			}
			seen.Shared = []string{}
			for _, shared := range p.Shared {
				seen.Shared = append(seen.Shared, shared.Reference)
			}
		}
		v.Partitions = append(v.Partitions, seen)
	}
	v.Software = [][2]string{}
	for _, w := range orders.Software {
		v.Software = append(v.Software, [2]string{w.SoftwareRelease, w.State})
	}
	v.Services, v.Computers = listed(t, newClient(t, url, slap.Any))
	for _, only := range []slap.Interface{slap.JSONRPC, slap.HATEOAS} {
		services, computers := listed(t, newClient(t, url, only))
		if !maps.Equal(services, v.Services) || !slices.Equal(computers, v.Computers) {
			t.Errorf("over %s: got %v and %v, want %v and %v", only, services, computers, v.Services, v.Computers)
		}
	}
	return v
}

// listed is the services with their releases, and the compute nodes.
func listed(t *testing.T, c *slap.Client) (map[string]string, []string) {
	t.Helper()
	ctx := context.Background()
	list, err := c.Instances(ctx)
	if err != nil {
		t.Fatal(err)
	}
	services := map[string]string{}
	for name := range list.Partial {
		i, err := c.Instance(ctx, name)
		if err != nil {
			t.Fatal(err)
		}
		services[name] = i.SoftwareRelease
	}
	for name, i := range list.Instances {
		services[name] = i.SoftwareRelease
	}
	nodes, err := c.Nodes(ctx)
	if err != nil {
		t.Fatal(err)
	}
	computers := []string{}
	for _, n := range nodes {
		computers = append(computers, n.Reference)
	}
	sort.Strings(computers)
	return services, computers
}

// Every operation of package slap against the real slapproxy, over the
// interfaces of its choice and over JSON-RPC alone. After each step the stock
// library sees what package slap sees.
func TestOperationsOnSlapproxy(t *testing.T) {
	for _, only := range []slap.Interface{slap.Any, slap.JSONRPC} {
		t.Run("interface "+string(only), func(t *testing.T) { operations(t, only) })
	}
}

func operations(t *testing.T, only slap.Interface) {
	s := newSite(t)
	s.slapproxy()
	kept, all := newClient(t, s.url, only), newClient(t, s.url, slap.Any)
	ctx := context.Background()
	request := slap.InstanceRequest{Name: "db", SoftwareRelease: mariadbRelease, SoftwareType: slap.DefaultType, State: slap.Started,
		Parameters: slap.Parameters{"a": "1 < 2 & 3", "ß": "line\nline", "empty": ""}}
	with := func(change func(*slap.InstanceRequest)) slap.InstanceRequest {
		r := request
		change(&r)
		return r
	}
	shared := with(func(r *slap.InstanceRequest) {
		r.Name, r.Shared, r.Parameters = "user", true, slap.Parameters{"k": "v"}
	})
	software := slap.SoftwareInstallation{SoftwareRelease: mariadbRelease, Computer: node, State: slap.Available}
	var partitions []slap.PartitionFormat
	for _, reference := range []string{"slappart0", "slappart1", "slappart2"} {
		partitions = append(partitions, slap.PartitionFormat{Reference: reference, Addresses: []slap.Address{
			{Interface: "tap-" + reference, Address: "10.0.0.1", Netmask: "255.255.255.255"},
			{Interface: "tap-" + reference, Address: "2001:db8::1", Netmask: "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
		}})
	}
	// What JSON-RPC does not have.
	elsewhere := map[string]bool{"child": true, "publish for the shared one": true, "shared instance error": true, "partition status": true,
		"product": true, "partition": true, "free partition": true, "info": true, "info of nothing": true}
	for _, step := range []struct {
		name string
		do   func(c *slap.Client) error
		is   error
	}{
		{"format", func(c *slap.Client) error {
			return c.FormatNode(ctx, slap.NodeFormat{Computer: node, Address: "127.0.0.1", Netmask: "255.255.255.255", Partitions: partitions})
		}, nil},
		{"supply", func(c *slap.Client) error { return c.Supply(ctx, software) }, nil},
		{"building", func(c *slap.Client) error { return c.ReportSoftware(ctx, node, mariadbRelease, "building") }, nil},
		{"available", func(c *slap.Client) error { return c.ReportSoftware(ctx, node, mariadbRelease, slap.Available) }, nil},
		{"software error", func(c *slap.Client) error { return c.ReportSoftwareError(ctx, node, mariadbRelease, "log") }, nil},
		{"shared without a host", func(c *slap.Client) error { return second(c.RequestInstance(ctx, shared)) }, slap.ErrNoPartition},
		{"create", func(c *slap.Client) error { return second(c.RequestInstance(ctx, request)) }, nil},
		{"create again", func(c *slap.Client) error { return second(c.RequestInstance(ctx, request)) }, nil},
		{"shared", func(c *slap.Client) error { return second(c.RequestInstance(ctx, shared)) }, nil},
		{"child", func(c *slap.Client) error {
			return second(c.RequestChild(ctx, node, "slappart0", with(func(r *slap.InstanceRequest) { r.Name, r.SoftwareRelease = "child", kvmRelease })))
		}, nil},
		{"publish", func(c *slap.Client) error {
			return c.Publish(ctx, node, "slappart0", "", slap.Parameters{"url": "https://[2001:db8::1]/<&>", "empty": ""})
		}, nil},
		{"publish for the shared one", func(c *slap.Client) error {
			return c.Publish(ctx, node, "slappart0", "_user", slap.Parameters{"url": "x"})
		}, nil},
		{"started", func(c *slap.Client) error { return c.ReportInstance(ctx, node, "slappart0", slap.Started) }, nil},
		{"stopped", func(c *slap.Client) error { return c.ReportInstance(ctx, node, "slappart0", slap.Stopped) }, nil},
		{"instance error", func(c *slap.Client) error { return c.ReportInstanceError(ctx, node, "slappart0", "", "traceback") }, nil},
		{"shared instance error", func(c *slap.Client) error { return c.ReportInstanceError(ctx, node, "slappart0", "_user", "traceback") }, nil},
		{"bang", func(c *slap.Client) error { return c.Bang(ctx, node, "slappart0", "why") }, nil},
		{"node bang", func(c *slap.Client) error { return c.BangNode(ctx, node, "why") }, nil},
		{"usage", func(c *slap.Client) error { return c.ReportUsage(ctx, node, "<journal/>") }, nil},
		{"certificate", func(c *slap.Client) error { _, err := c.PartitionCertificate(ctx, node, "slappart0"); return err }, nil},
		{"node certificate", func(c *slap.Client) error { _, err := c.MakeNodeCertificate(ctx, node); return err }, nil},
		{"revoke", func(c *slap.Client) error { return c.RevokeNodeCertificate(ctx, node) }, nil},
		{"tree addresses", func(c *slap.Client) error { _, err := c.TreeAddresses(ctx, node, "slappart0"); return err }, slap.ErrUnsupported},
		{"relate", func(c *slap.Client) error { return c.RelateInstances(ctx, node, "slappart0", []string{"child"}) }, slap.ErrUnsupported},
		{"new node", func(c *slap.Client) error { _, err := c.CreateNode(ctx, "x", "p"); return err }, slap.ErrUnsupported},
		{"token", func(c *slap.Client) error { _, err := c.NodeToken(ctx); return err }, slap.ErrUnsupported},
		{"partition status", func(c *slap.Client) error { _, err := c.PartitionStatus(ctx, node, "slappart0"); return err }, nil},
		{"software status", func(c *slap.Client) error { _, err := c.SoftwareStatus(ctx, node, mariadbRelease); return err }, slap.ErrUnsupported},
		{"node status", func(c *slap.Client) error { _, err := c.NodeStatus(ctx, node); return err }, nil},
		{"product", func(c *slap.Client) error {
			list, err := c.Product(ctx, "kvm")
			if err == nil && !slices.Equal(list, []string{kvmRelease}) {
				err = errors.New("got " + list[0])
			}
			return err
		}, nil},
		{"update", func(c *slap.Client) error {
			return second(c.RequestInstance(ctx, with(func(r *slap.InstanceRequest) { r.Parameters = slap.Parameters{"a": "2"}; r.State = slap.Stopped })))
		}, nil},
		{"partition", func(c *slap.Client) error { return samePartition(ctx, c, "slappart0") }, nil},
		{"free partition", func(c *slap.Client) error { return samePartition(ctx, c, "slappart2") }, nil},
		{"info", func(c *slap.Client) error { return sameInfo(ctx, c, "db", "user") }, nil},
		{"info of nothing", func(c *slap.Client) error { _, err := c.Info(ctx, "nothing"); return err }, slap.ErrNotFound},
		{"instance of nothing", func(c *slap.Client) error { _, err := c.Instance(ctx, "nothing"); return err }, slap.ErrNotFound},
		{"node", func(c *slap.Client) error { _, err := c.Node(ctx, node); return err }, nil},
		{"node of nothing", func(c *slap.Client) error { _, err := c.Node(ctx, "COMP-0"); return err }, slap.ErrNotFound},
		{"rename the shared one", func(c *slap.Client) error { return c.RenameShared(ctx, "user______1", "other") }, slap.ErrNotFound},
		{"by guid", func(c *slap.Client) error { return sameByGUID(ctx, c) }, nil},
		{"rename", func(c *slap.Client) error { return c.Rename(ctx, node, "slappart1", "child-2") }, nil},
		{"destroy the shared one", func(c *slap.Client) error {
			return second(c.RequestInstance(ctx, with(func(r *slap.InstanceRequest) { *r = shared; r.State = slap.Destroyed })))
		}, nil},
	} {
		err := step.do(kept)
		if only == slap.JSONRPC && elsewhere[step.name] {
			if !errors.Is(err, slap.ErrUnsupported) {
				t.Fatalf("%s: got error %v, want %v", step.name, err, slap.ErrUnsupported)
			}
			err = step.do(all)
		}
		if !errors.Is(err, step.is) {
			t.Fatalf("%s: got error %v, want %v", step.name, err, step.is)
		}
		if step.name == "format" || step.name == "destroy the shared one" {
			continue // before it nobody knows the node; after it JSON-RPC cannot describe the shared one
		}
		if diff := cmp.Diff(s.stockView(), ourView(t, s.url)); diff != "" {
			t.Errorf("after %s (-stock library +slap):\n%s", step.name, diff)
		}
	}
	for _, partition := range []string{"slappart1", "slappart0"} { // the child first
		if err := kept.ReportInstance(ctx, node, partition, slap.Destroyed); err != nil {
			t.Error(err)
		}
	}
	if err := kept.ReportSoftware(ctx, node, mariadbRelease, slap.Destroyed); err != nil {
		t.Error(err)
	}
	orders, err := all.Orders(ctx, node)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range orders.Partitions {
		if p.Occupied {
			t.Errorf("at the end %s is occupied by %s", p.Reference, p.Instance)
		}
	}
	if len(orders.Software) > 0 {
		t.Errorf("at the end there is software: %v", orders.Software)
	}
	// The search of a slapproxy fails now, because of the shared instance whose
	// host is gone; the stock library can list nothing. slap lists the names.
	if list, err := all.Instances(ctx); err != nil || !maps.Equal(list.Partial, map[string]bool{"user": true}) {
		t.Errorf("at the end: got %v, %v, want the name of the shared instance", list, err)
	}
}

func samePartition(ctx context.Context, c *slap.Client, reference string) error {
	orders, err := c.Orders(ctx, node)
	if err != nil {
		return err
	}
	one, err := c.Partition(ctx, node, reference)
	if err != nil {
		return err
	}
	for _, p := range orders.Partitions {
		if p.Reference == reference {
			if diff := cmp.Diff(p, *one); diff != "" {
				return errors.New(diff)
			}
		}
	}
	return nil
}

// sameInfo compares the HATEOAS and the JSON-RPC interface.
func sameInfo(ctx context.Context, c *slap.Client, names ...string) error {
	for _, name := range names {
		info, err := c.Info(ctx, name)
		if err != nil {
			return err
		}
		i, err := c.Instance(ctx, name)
		if err != nil {
			return err
		}
		i.SLA = nil
		if diff := cmp.Diff(i.InstanceRequest, info.InstanceRequest); diff != "" {
			return errors.New(diff)
		}
		if !maps.Equal(i.ConnectionParameters, info.ConnectionParameters) {
			return errors.New("the connection parameters differ")
		}
	}
	return nil
}

func sameByGUID(ctx context.Context, c *slap.Client) error {
	i, err := c.InstanceOf(ctx, node, "slappart0")
	if err != nil {
		return err
	}
	other, err := c.InstanceByGUID(ctx, i.GUID)
	if err != nil {
		return err
	}
	if diff := cmp.Diff(i, other); diff != "" {
		return errors.New(diff)
	}
	list, err := c.InstancesOn(ctx, node)
	if err != nil {
		return err
	}
	shared, err := c.SharedInstancesOf(ctx, i.GUID)
	if err != nil {
		return err
	}
	if len(list) != 2 || len(shared) != 1 || shared[0].Title != "user" {
		return errors.New("the lists of instances are not as expected")
	}
	return nil
}

// The configuration files that come with the stock SlapOS are read.
func TestStockConfigurations(t *testing.T) {
	s := newSite(t)
	files, err := filepath.Glob(filepath.Join(s.peer, "lib", "python*", "site-packages", "slapos", "*.cfg.example"))
	if err != nil || len(files) < 3 {
		t.Fatalf("got %q, %v, want the example files of the peer", files, err)
	}
	for _, file := range files {
		if _, err := config.Read(file); err != nil {
			t.Error(err)
		}
	}
}

// BenchmarkRequest asks the real slapproxy a thousand times for an instance, with
// package slap (bench/request) and in slapos console, and reports how much more
// processor time the console needs, start of the program included. -count 5
// gives five ratios.
func BenchmarkRequest(b *testing.B) {
	s := newSite(b)
	s.slapproxy()
	s.node("format", s.url, "1", node)
	console := s.write("loop.py", `
for i in range(1000):
  request("`+kvmRelease+`", "vm", partition_parameter_kw={"n": str(i)}, state="started")
`)
	program := filepath.Join(s.dir, "request")
	s.must(0, "go", "build", "-C", s.module(), "-o", program, "./bench/request")
	for b.Loop() {
		ours := s.must(0, program, s.url, kvmRelease, "1000").processor
		stock := s.slapos(0, "console", console).processor
		b.ReportMetric(float64(ours.Milliseconds()), "ms-slap")
		b.ReportMetric(float64(stock.Milliseconds()), "ms-console")
		b.ReportMetric(float64(stock)/float64(ours), "console/slap")
	}
}
