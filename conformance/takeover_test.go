package conformance

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slapstar/slap"
)

// A developer stops slapproxy, starts slapstar proxy with the same configuration
// file, and all goes on: the stock library sees what it saw.
func TestTakeOver(t *testing.T) {
	s := newSite(t)
	stock := s.slapproxy()
	ctx, c := context.Background(), newClient(t, s.url, slap.Any)
	format := slap.NodeFormat{Computer: node, Address: "127.0.0.1", Netmask: "255.255.255.255"}
	for _, reference := range []string{"slappart0", "slappart1", "slappart2", "slappart3"} {
		format.Partitions = append(format.Partitions, slap.PartitionFormat{Reference: reference, Addresses: []slap.Address{
			{Interface: "tap-" + reference, Address: "10.0.0.1", Netmask: "255.255.255.255"},
			{Interface: "tap-" + reference, Address: "2001:db8::1", Netmask: "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
		}})
	}
	host := slap.InstanceRequest{Name: "db", SoftwareRelease: mariadbRelease, SoftwareType: slap.DefaultType, State: slap.Started,
		Parameters: slap.Parameters{"a": "1 < 2 & 3", "ß": "line\nline", "empty": ""}}
	shared, child, stopped := host, host, host
	shared.Name, shared.Shared, shared.Parameters = "user", true, slap.Parameters{"k": "<v>"}
	child.Name, child.SoftwareRelease = "child", kvmRelease
	stopped.Name, stopped.State, stopped.SoftwareType = "old", slap.Stopped, "RootSoftwareInstance"
	for _, err := range []error{
		c.FormatNode(ctx, format),
		c.Supply(ctx, slap.SoftwareInstallation{SoftwareRelease: mariadbRelease, Computer: node, State: slap.Available}),
		c.Supply(ctx, slap.SoftwareInstallation{SoftwareRelease: kvmRelease, Computer: node, State: slap.Destroyed}),
		second(c.RequestInstance(ctx, host)), second(c.RequestInstance(ctx, shared)), second(c.RequestInstance(ctx, stopped)),
		second(c.RequestChild(ctx, node, "slappart0", child)),
		c.Publish(ctx, node, "slappart0", "", slap.Parameters{"url": "https://[2001:db8::1]/<&>"}),
		c.Publish(ctx, node, "slappart0", "_user", slap.Parameters{"url": "x"}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	before, orders := s.stockView(), partitions(t, c)
	if len(before.Services) != 3 {
		t.Fatalf("got services %v, want three", before.Services)
	}
	stock.stop()
	ours := s.embedded()
	if diff := cmp.Diff(before, s.stockView()); diff != "" {
		t.Errorf("the stock library, before and after (-slapproxy +slapstar):\n%s", diff)
	}
	// The timestamps, too: or the node would do everything again.
	if diff := cmp.Diff(orders, partitions(t, newClient(t, s.url, slap.Any))); diff != "" {
		t.Errorf("the orders of the node (-slapproxy +slapstar):\n%s", diff)
	}
	ours.stop()
	if log := ours.log.String(); !strings.Contains(log, "took over 4 instances of the slapproxy") {
		t.Errorf("slapstar proxy said %q", log)
	}
	// And back again.
	s.slapproxy()
	if diff := cmp.Diff(before, s.stockView()); diff != "" {
		t.Errorf("back on slapproxy (-before +after):\n%s", diff)
	}
}

func partitions(t *testing.T, c *slap.Client) []slap.Partition {
	t.Helper()
	orders, err := c.Orders(context.Background(), node)
	if err != nil {
		t.Fatal(err)
	}
	return orders.Partitions
}
