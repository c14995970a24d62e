package slap

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const node = "local_computer"

// Every operation, on what the real slapproxy answered. A request that was not
// recorded fails the test.
func TestOperations(t *testing.T) {
	ctx := context.Background()
	for _, test := range []struct {
		scenario string
		only     Interface
		name     string
		call     func(*Client) (any, error)
		want     any   // nil: the call returns only an error
		is       error // of the error
	}{
		{"node-agent", Any, "building", func(c *Client) (any, error) { return nil, c.ReportSoftware(ctx, node, kvm, "building") }, nil, nil},
		{"node-agent", Any, "available", func(c *Client) (any, error) { return nil, c.ReportSoftware(ctx, node, kvm, Available) }, nil, nil},
		{"node-agent", Any, "software error", func(c *Client) (any, error) { return nil, c.ReportSoftwareError(ctx, node, kvm, "log") }, nil, nil},
		{"supply", Any, "software destroyed", func(c *Client) (any, error) { return nil, c.ReportSoftware(ctx, node, kvm, Destroyed) }, nil, nil},
		{"node-agent", Any, "started", func(c *Client) (any, error) { return nil, c.ReportInstance(ctx, node, "slappart0", Started) }, nil, nil},
		{"node-agent", Any, "stopped", func(c *Client) (any, error) { return nil, c.ReportInstance(ctx, node, "slappart0", Stopped) }, nil, nil},
		{"node-agent", Any, "destroyed", func(c *Client) (any, error) { return nil, c.ReportInstance(ctx, node, "slappart1", Destroyed) }, nil, nil},
		{"node-agent", Any, "destroyed, unknown", func(c *Client) (any, error) { return nil, c.ReportInstance(ctx, node, "nothere", Destroyed) }, nil, ErrNotFound},
		{"tree-of-instances", Any, "destroyed, with children", func(c *Client) (any, error) { return nil, c.ReportInstance(ctx, node, "slappart0", Destroyed) }, nil, ErrNotReady},
		{"node-agent", Any, "instance error", func(c *Client) (any, error) {
			return nil, c.ReportInstanceError(ctx, node, "slappart0", "", "traceback")
		}, nil, nil},
		{"node-agent", Any, "shared instance error", func(c *Client) (any, error) {
			return nil, c.ReportInstanceError(ctx, node, "slappart0", "_sh1", "traceback")
		}, nil, nil},
		{"node-agent", Any, "bang", func(c *Client) (any, error) { return nil, c.Bang(ctx, node, "slappart0", "why") }, nil, nil},
		{"node-agent", Any, "node bang", func(c *Client) (any, error) { return nil, c.BangNode(ctx, node, "why") }, nil, nil},
		{"node-agent", Any, "usage", func(c *Client) (any, error) { return nil, c.ReportUsage(ctx, node, "<journal/>") }, nil, nil},
		{"node-agent", Any, "certificate", func(c *Client) (any, error) { return c.PartitionCertificate(ctx, node, "slappart0") }, Certificate{}, nil},
		{"node-agent", Legacy, "node certificate", func(c *Client) (any, error) { _, err := c.MakeNodeCertificate(ctx, node); return nil, err }, nil, ErrUnsupported},
		{"node-agent", Any, "addresses of the tree", func(c *Client) (any, error) { _, err := c.TreeAddresses(ctx, node, "slappart0"); return nil, err }, nil, ErrUnsupported},
		{"node-agent", Any, "partition status", func(c *Client) (any, error) { return c.PartitionStatus(ctx, node, "slappart0") }, StatusTexts{"text": "Not implemented."}, nil},
		{"node-agent", Legacy, "node status", func(c *Client) (any, error) { _, err := c.NodeStatus(ctx, node); return nil, err }, nil, ErrUnsupported},
		{"node-agent", Any, "related instances", func(c *Client) (any, error) {
			return nil, c.RelateInstances(ctx, node, "slappart0", []string{"child1"})
		}, nil, ErrUnsupported},
		{"node-agent", Any, "free partition", func(c *Client) (any, error) { return c.Partition(ctx, node, "slappart2") },
			&Partition{Computer: node, Reference: "slappart2", GUID: "local_computer-slappart2", State: Destroyed, Connection: Parameters{}, SLA: Parameters{}}, nil},
		{"node-agent", Any, "unknown partition", func(c *Client) (any, error) { _, err := c.Partition(ctx, node, "nothere"); return nil, err }, nil, errAny},
		{"node-agent", Any, "unknown node", func(c *Client) (any, error) { _, err := c.Orders(ctx, "COMP-unknown"); return nil, err }, nil, errAny},
		{"rename", Any, "rename", func(c *Client) (any, error) { return nil, c.Rename(ctx, node, "slappart0", "vm-new") }, nil, nil},
		{"rename", Any, "rename, unknown", func(c *Client) (any, error) { return nil, c.Rename(ctx, node, "nothere", "x") }, nil, ErrNotFound},
		{"rename", Any, "child", func(c *Client) (any, error) {
			return nil, second(c.RequestChild(ctx, node, "slappart0", InstanceRequest{Name: "child", SoftwareRelease: mariadb, SoftwareType: DefaultType}))
		}, nil, nil},
		{"request-create", Any, "request", func(c *Client) (any, error) {
			return nil, second(c.RequestInstance(ctx, InstanceRequest{Name: "vm1", SoftwareRelease: kvm, SoftwareType: DefaultType, Parameters: Parameters{"ram": "1024"}}))
		}, nil, nil},
		{"request-errors", Any, "request on an unknown node", func(c *Client) (any, error) {
			return nil, second(c.RequestInstance(ctx, InstanceRequest{Name: "vm1", SoftwareRelease: kvm, SoftwareType: DefaultType, SLA: Parameters{"computer_guid": "COMP-unknown"}}))
		}, nil, errAny}, // the same request was made again later, when the instance was there
		{"not-ready", Any, "request, not ready", func(c *Client) (any, error) {
			return nil, second(c.RequestInstance(ctx, InstanceRequest{Name: "fe", SoftwareRelease: "https://lab.example/frontend/software.cfg", SoftwareType: DefaultType}))
		}, nil, ErrNotReady},
		{"shared", Any, "publish for a shared instance", func(c *Client) (any, error) {
			return nil, c.Publish(ctx, node, "slappart0", "_sh1", Parameters{"url": "http://b.example/"})
		}, nil, nil},

		{"jsonrpc-nodes", JSONRPC, "node status", func(c *Client) (any, error) { return c.NodeStatus(ctx, node) }, StatusTexts{"text": "Unknown (not implemented)"}, nil},
		{"jsonrpc-nodes", JSONRPC, "node bang", func(c *Client) (any, error) { return nil, c.BangNode(ctx, node, "please") }, nil, nil},
		{"jsonrpc-nodes", JSONRPC, "usage", func(c *Client) (any, error) { return nil, c.ReportUsage(ctx, node, "<journal/>") }, nil, nil},
		{"jsonrpc-nodes", JSONRPC, "instances of an unknown node", func(c *Client) (any, error) { _, err := c.InstancesOn(ctx, "COMP-unknown"); return nil, err }, nil, ErrNotFound},
		{"jsonrpc-instances", JSONRPC, "instances of a node", func(c *Client) (any, error) { return c.InstancesOn(ctx, node) },
			[]InstanceSummary{{Title: "vm1", GUID: "vm1______0", State: Started, Partition: "slappart0", SoftwareRelease: kvm}}, nil},
		{"jsonrpc-instances", JSONRPC, "shared instances", func(c *Client) (any, error) { return c.SharedInstancesOf(ctx, "vm1______0") }, []InstanceSummary{}, nil},
		{"jsonrpc-instances", JSONRPC, "instance by guid", func(c *Client) (any, error) { i, err := c.InstanceByGUID(ctx, "vm1______0"); return i.Name, err }, "vm1", nil},
		{"jsonrpc-instances", JSONRPC, "free partition", func(c *Client) (any, error) { _, err := c.InstanceOf(ctx, node, "slappart1"); return nil, err }, nil, ErrNotFound},
		{"jsonrpc-instances", JSONRPC, "bang", func(c *Client) (any, error) { return nil, c.Bang(ctx, node, "slappart0", "please") }, nil, nil},
		{"jsonrpc-instances", JSONRPC, "instance error", func(c *Client) (any, error) { return nil, c.ReportInstanceError(ctx, node, "slappart0", "", "oops") }, nil, nil},
		{"jsonrpc-instances", JSONRPC, "started", func(c *Client) (any, error) { return nil, c.ReportInstance(ctx, node, "slappart0", Started) }, nil, nil},
		{"jsonrpc-instances", JSONRPC, "rename", func(c *Client) (any, error) { return nil, c.Rename(ctx, node, "slappart0", "renamed") }, nil, nil},
		{"hateoas-raw", HATEOAS, "a write", func(c *Client) (any, error) { return nil, c.Bang(ctx, node, "slappart0", "why") }, nil, ErrUnsupported},
		{"jsonrpc-nodes", JSONRPC, "product", func(c *Client) (any, error) { _, err := c.Product(ctx, "kvm"); return nil, err }, nil, ErrUnsupported},
		{"jsonrpc-nodes", JSONRPC, "node certificate", func(c *Client) (any, error) { _, err := c.MakeNodeCertificate(ctx, node); return nil, err }, nil, nil},
		{"jsonrpc-nodes", JSONRPC, "revoke", func(c *Client) (any, error) { return nil, c.RevokeNodeCertificate(ctx, node) }, nil, nil},
		{"jsonrpc-instances", JSONRPC, "certificate", func(c *Client) (any, error) { return c.PartitionCertificate(ctx, node, "slappart0") }, Certificate{}, nil},
		{"supply-jsonrpc", JSONRPC, "supply", func(c *Client) (any, error) {
			return nil, c.Supply(ctx, SoftwareInstallation{SoftwareRelease: mariadb, Computer: node, State: Available})
		}, nil, nil},
		{"supply-jsonrpc", JSONRPC, "building", func(c *Client) (any, error) { return nil, c.ReportSoftware(ctx, node, kvm, "building") }, nil, nil},
		{"supply-jsonrpc", JSONRPC, "software error", func(c *Client) (any, error) { return nil, c.ReportSoftwareError(ctx, node, kvm, "build failed") }, nil, nil},
	} {
		t.Run(test.scenario+"/"+test.name, func(t *testing.T) {
			c := newReplay(t, test.scenario).client()
			c.only = test.only
			c.retry.Tries = 1
			got, err := test.call(c)
			if !isError(err, test.is) {
				t.Errorf("got error %v, want %v", err, test.is)
			}
			if diff := cmp.Diff(test.want, got); err == nil && test.want != nil && diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// What a node fetches, with a plain, a stopped, a shared and no instance.
func TestNode(t *testing.T) {
	r := newReplay(t, "node-agent")
	c := r.client()
	ctx := context.Background()
	empty, err := c.Orders(ctx, node)
	if err != nil || len(empty.Partitions) != 3 || len(empty.Software) != 0 {
		t.Fatalf("the empty node: got %+v, %v", empty, err)
	}
	full, err := c.Orders(ctx, node)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]SoftwareInstallation{{SoftwareRelease: kvm, Computer: node, State: Available}}, full.Software); diff != "" {
		t.Errorf("software (-want +got):\n%s", diff)
	}
	if full.Partitions[0].Timestamp == "" {
		t.Error("an instance has no timestamp")
	}
	full.Partitions[0].Timestamp = ""
	want := Partition{
		Computer: node, Reference: "slappart0", GUID: "local_computer-slappart0", State: Started, Occupied: true,
		Instance: "vm1", Root: "vm1", SoftwareRelease: kvm, SoftwareType: "default",
		Parameters: Parameters{"a": "é"}, Connection: Parameters{}, SLA: Parameters{},
		Addresses: []Address{{Interface: "slaptap0", Address: "10.0.0.1"}, {Interface: "slaptap0", Address: "2001:db8::2"}},
		Shared:    []SharedInstance{{Reference: "_sh1", Title: "_sh1", SoftwareType: "default", Parameters: Parameters{"k": "v"}}},
	}
	if diff := cmp.Diff(want, full.Partitions[0]); diff != "" {
		t.Errorf("partition (-want +got):\n%s", diff)
	}
	if full.Partitions[1].State != Stopped || full.Partitions[2].Occupied {
		t.Errorf("got %+v", full.Partitions[1:])
	}
	c.only = Legacy
	software, err := newReplay(t, "supply").client().SoftwareInstallations(ctx, node)
	if err != nil || len(software) != 2 {
		t.Errorf("software: got %v, %v", software, err)
	}
	if _, err := c.Instances(ctx); !errors.Is(err, ErrUnsupported) {
		t.Errorf("listing over the legacy interface: got error %v, want %v", err, ErrUnsupported)
	}
}

func TestInfo(t *testing.T) {
	ctx := context.Background()
	for _, test := range []struct {
		name string
		want *Info
		is   error
	}{
		{"vm1", &Info{Reference: "vm1", Instance: Instance{Root: "vm1", ConnectionParameters: Parameters{}, InstanceRequest: InstanceRequest{
			Name: "vm1", SoftwareRelease: kvm, SoftwareType: "default", State: Started, Parameters: Parameters{"ram": "1024"}}}}, nil},
		{"sh1", &Info{Reference: "sh1", Instance: Instance{Root: "sh1", ConnectionParameters: Parameters{}, InstanceRequest: InstanceRequest{
			Name: "sh1", SoftwareRelease: kvm, SoftwareType: "default", State: Started, Shared: true, Parameters: Parameters{"k": "v"}}}}, nil},
		{"child", nil, ErrNotFound},
		{`with"quote`, nil, ErrUnsupported},
	} {
		r := newReplay(t, "hateoas-services")
		c := r.client()
		c.rest = "http://127.0.0.1:5000/hateoas" // redirected to hateoas/
		got, err := c.Info(ctx, test.name)
		if !errors.Is(err, test.is) {
			t.Errorf("Info(%q): got error %v, want %v", test.name, err, test.is)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("Info(%q) (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestNodes(t *testing.T) {
	ctx := context.Background()
	c := newReplay(t, "hateoas-computers").client()
	c.rest = "http://127.0.0.1:5000/hateoas"
	got, err := c.Reader().Nodes(ctx)
	if diff := cmp.Diff([]Node{{Reference: node, Title: node}, {Reference: "COMP-2", Title: "COMP-2"}}, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	c = newReplay(t, "jsonrpc-nodes", "hateoas-computers").client()
	c.only = JSONRPC
	got, err = c.Nodes(ctx)
	if diff := cmp.Diff([]Node{{Reference: node, Title: node}}, got); err != nil || diff != "" {
		t.Errorf("over JSON-RPC: %v (-want +got):\n%s", err, diff)
	}
}
