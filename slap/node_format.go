package slap

import (
	"cmp"
	"context"
	"net/url"

	"slapstar/slap/marshal"
)

// A NodeFormat is what a compute node tells the Master of itself: what slapos
// node format posts.
type NodeFormat struct {
	Computer   string
	Address    string // of the node itself
	Netmask    string
	PublicIPv4 string // full Master, may be empty
	OSType     string // full Master, may be empty
	Version    string // of the node agent; full Master, may be empty
	Partitions []PartitionFormat
}

// A PartitionFormat is a slot of a node with its addresses.
type PartitionFormat struct {
	Reference    string
	Addresses    []Address // the Interface of each defaults to that of the Tap
	Tap          Tap
	Capabilities []string // full Master, may be empty
}

// A Tap is the network interface of a partition. What is not known is empty.
type Tap struct {
	Name        string // the reference of the partition when empty
	IPv4        string
	IPv4Netmask string
	IPv4Gateway string
	IPv4Network string
}

// FormatNode makes a compute node have exactly these partitions. A slapproxy
// makes the node when it does not exist, and drops the partitions that are not
// listed with what runs in them; the full Master answers [ErrNotFound] and
// deactivates them.
func (c *Client) FormatNode(ctx context.Context, f NodeFormat) error {
	if c.only == JSONRPC {
		return c.formatByCall(ctx, f)
	}
	entries := make([]any, len(f.Partitions))
	for i, p := range f.Partitions {
		addresses := make([]any, len(p.Addresses))
		for n, a := range p.Addresses {
			addresses[n] = map[string]any{"addr": a.Address, "netmask": a.Netmask}
		}
		entries[i] = map[string]any{
			"reference":       p.Reference,
			"address_list":    addresses,
			"capability_list": p.Capabilities,
			"tap": map[string]any{
				"name":         p.tapName(),
				"ipv4_addr":    p.Tap.IPv4,
				"ipv4_netmask": p.Tap.IPv4Netmask,
				"ipv4_gateway": p.Tap.IPv4Gateway,
				"ipv4_network": p.Tap.IPv4Network,
			},
		}
	}
	document, err := marshal.Encode(map[string]any{
		"reference":           f.Computer,
		"address":             f.Address,
		"netmask":             f.Netmask,
		"os_type":             f.OSType,
		"public_ipv4_address": f.PublicIPv4,
		"slapos_version":      f.Version,
		"partition_list":      entries,
	})
	if err != nil {
		return err
	}
	return c.report(ctx, call{name: "loadComputerConfigurationFromXML"}, url.Values{"xml": {string(document)}})
}

func (p PartitionFormat) tapName() string {
	name := cmp.Or(p.Tap.Name, p.Reference)
	if p.Tap.Name == "" && len(p.Addresses) > 0 {
		name = cmp.Or(p.Addresses[0].Interface, name)
	}
	return name
}

// addTo adds what the JSON-RPC interface says of a network to an address.
func (t Tap) addTo(address map[string]string) {
	if t.IPv4Gateway != "" {
		address["gateway-ip-address"] = t.IPv4Gateway
	}
	if t.IPv4Network != "" {
		address["network-address"] = t.IPv4Network
	}
}

// formatByCall sends what the JSON-RPC interface has a place for.
func (c *Client) formatByCall(ctx context.Context, f NodeFormat) error {
	list := make([]any, len(f.Partitions))
	for i, p := range f.Partitions {
		addresses := make([]any, len(p.Addresses))
		listed := false
		for n, a := range p.Addresses {
			address := map[string]string{"ip-address": a.Address, "netmask": a.Netmask, "network-interface": cmp.Or(a.Interface, p.tapName())}
			if a.Address == p.Tap.IPv4 {
				listed = true
				p.Tap.addTo(address)
			}
			addresses[n] = address
		}
		if p.Tap.IPv4 != "" && !listed {
			address := map[string]string{"ip-address": p.Tap.IPv4, "netmask": p.Tap.IPv4Netmask, "network-interface": p.tapName()}
			p.Tap.addTo(address)
			addresses = append(addresses, address)
		}
		list[i] = map[string]any{"partition_id": p.Reference, "ip_list": addresses}
	}
	return c.succeed(ctx, call{name: "put.v0.compute_node_format"}, map[string]any{"computer_guid": f.Computer, "compute_partition_list": list})
}
