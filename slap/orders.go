package slap

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"slapstar/slap/marshal"
)

// The operations of this file are those of a compute node and of the code
// inside its partitions. They go over the legacy interface, as the stock node
// agent does, unless the client is kept to JSON-RPC.

// Orders are what a compute node fetches: its partitions and its software.
type Orders struct {
	Computer   string
	Partitions []Partition // free ones included
	Software   []SoftwareInstallation
}

// Orders fetches the partitions and the software of a compute node. The error
// wraps [ErrNotFound] when the Master does not know the node; a slapproxy says
// so with an internal error, as for anything unexpected. It wraps [ErrBusy]
// while a full Master fills its cache.
func (c *Client) Orders(ctx context.Context, computer string) (*Orders, error) {
	o, err := c.getObject(ctx, call{name: "getFullComputerInformation", cached: true}, url.Values{"computer_id": {computer}})
	if err != nil {
		return nil, err
	}
	orders := &Orders{Computer: computer}
	for _, item := range list(o.State["_computer_partition_list"]) {
		p, err := newPartition(item)
		if err != nil {
			return nil, err
		}
		orders.Partitions = append(orders.Partitions, *p)
	}
	for _, item := range list(o.State["_software_release_list"]) {
		release, ok := item.(*marshal.Object)
		if !ok {
			return nil, fmt.Errorf("software of %q: got a %T, want an object", computer, item)
		}
		orders.Software = append(orders.Software, SoftwareInstallation{
			SoftwareRelease: str(release.State["_software_release"]),
			Computer:        computer,
			State:           str(release.State["_requested_state"]),
		})
	}
	return orders, nil
}

// Partition fetches one partition.
func (c *Client) Partition(ctx context.Context, computer, partition string) (*Partition, error) {
	o, err := c.getObject(ctx, call{name: "registerComputerPartition"}, url.Values{
		"computer_reference": {computer}, "computer_partition_reference": {partition},
	})
	if err != nil {
		return nil, err
	}
	return newPartition(o)
}

func (c *Client) getObject(ctx context.Context, k call, query url.Values) (*marshal.Object, error) {
	answer, err := c.get(ctx, k, query)
	if err != nil {
		return nil, err
	}
	return decodeMarshal[*marshal.Object](c, k.name, answer)
}

// Publish sets the connection parameters of the instance in a partition, or,
// with a reference, of a shared instance that it carries.
func (c *Client) Publish(ctx context.Context, computer, partition, sharedReference string, p Parameters) error {
	if p == nil {
		p = Parameters{}
	}
	if c.only == JSONRPC && sharedReference == "" {
		return c.withGUID(ctx, call{name: "put.v0.software_instance_connection_parameter"}, computer, partition, map[string]any{"connection_parameter_dict": p})
	}
	document, err := marshal.Encode(map[string]string(p))
	if err != nil {
		return err
	}
	if sharedReference == "" {
		sharedReference = "None" // how the stock client sends nothing
	}
	fields := partitionFields(computer, partition)
	fields.Set("connection_xml", string(document))
	fields.Set("slave_reference", sharedReference)
	return c.report(ctx, call{name: "setComputerPartitionConnectionXml"}, fields)
}

// ReportInstance says that the instance of a partition is started, stopped or
// destroyed. Reporting the end frees the partition; a slapproxy ignores the
// others.
func (c *Client) ReportInstance(ctx context.Context, computer, partition, state string) error {
	if c.only == JSONRPC {
		return c.withGUID(ctx, call{name: "put.v0.software_instance_reported_state", once: true}, computer, partition, map[string]any{"reported_state": state})
	}
	return c.report(ctx, call{name: state + "ComputerPartition", once: state == Destroyed}, partitionFields(computer, partition))
}

// ReportInstanceError says what went wrong with the instance of a partition, or,
// with a reference, with a shared instance that it carries.
func (c *Client) ReportInstanceError(ctx context.Context, computer, partition, sharedReference, message string) error {
	if c.only == JSONRPC && sharedReference == "" {
		return c.withGUID(ctx, call{name: "put.v0.software_instance_error"}, computer, partition, map[string]any{"message": message})
	}
	fields := partitionFields(computer, partition)
	fields.Set("error_log", message)
	if sharedReference != "" {
		fields.Set("slave_reference", sharedReference)
	}
	return c.report(ctx, call{name: "softwareInstanceError"}, fields)
}

// Bang asks for the whole tree of an instance to be processed again.
func (c *Client) Bang(ctx context.Context, computer, partition, message string) error {
	if c.only == JSONRPC {
		return c.withGUID(ctx, call{name: "put.v0.software_instance_bang"}, computer, partition, map[string]any{"message": message})
	}
	fields := partitionFields(computer, partition)
	fields.Set("message", message)
	return c.report(ctx, call{name: "softwareInstanceBang"}, fields)
}

// BangNode asks for all instances of a compute node to be processed again.
func (c *Client) BangNode(ctx context.Context, computer, message string) error {
	if c.only == JSONRPC {
		return c.succeed(ctx, call{name: "put.v0.compute_node_bang"}, map[string]any{"computer_guid": computer, "message": message})
	}
	return c.report(ctx, call{name: "computerBang"}, url.Values{"computer_id": {computer}, "message": {message}})
}

// Rename gives the instance in a partition another name. Neither kind of Master
// refuses a name that is taken in all cases: look first. Over JSON-RPC a
// slapproxy forgets the children of a root, which are then asked for anew. For a
// shared instance see [Client.RenameShared].
func (c *Client) Rename(ctx context.Context, computer, partition, name string) error {
	if c.only == JSONRPC {
		return c.withGUID(ctx, call{name: "put.v0.software_instance_title", once: true}, computer, partition, map[string]any{"title": name})
	}
	fields := partitionFields(computer, partition)
	fields.Set("new_name", name)
	return c.report(ctx, call{name: "softwareInstanceRename", once: true}, fields)
}

// RenameShared gives a shared instance another name, over JSON-RPC: the legacy
// call of a slapproxy renames the host instead. A slapproxy refuses it, with an
// error that wraps [ErrNotFound].
func (c *Client) RenameShared(ctx context.Context, guid, name string) error {
	return c.succeed(ctx, call{name: "put.v0.software_instance_title", once: true}, map[string]any{"instance_guid": guid, "title": name})
}

// ReportSoftware says that a software release is building, available or
// destroyed on a compute node.
func (c *Client) ReportSoftware(ctx context.Context, computer, release, state string) error {
	if c.only == JSONRPC {
		return c.succeed(ctx, call{name: "put.v0.software_installation_reported_state", once: true},
			map[string]any{"computer_guid": computer, "software_release_uri": release, "reported_state": state})
	}
	return c.report(ctx, call{name: state + "SoftwareRelease", once: state == Destroyed}, url.Values{"computer_id": {computer}, "url": {release}})
}

// ReportSoftwareError says what went wrong with a software release.
func (c *Client) ReportSoftwareError(ctx context.Context, computer, release, message string) error {
	if c.only == JSONRPC {
		return c.succeed(ctx, call{name: "put.v0.software_installation_error"},
			map[string]any{"computer_guid": computer, "software_release_uri": release, "message": message})
	}
	return c.report(ctx, call{name: "softwareReleaseError"}, url.Values{"computer_id": {computer}, "url": {release}, "error_log": {message}})
}

// ReportUsage sends what a compute node used, as a TioXML document.
func (c *Client) ReportUsage(ctx context.Context, computer, tioxml string) error {
	if c.only == JSONRPC {
		return c.succeed(ctx, call{name: "post.v0.compute_node_usage", once: true}, map[string]any{"computer_guid": computer, "tioxml": tioxml})
	}
	return c.report(ctx, call{name: "useComputer", once: true}, url.Values{"computer_id": {computer}, "use_string": {tioxml}})
}

// TreeAddresses lists the addresses of all instances of the tree to which the
// instance in a partition belongs. The full Master alone tells.
func (c *Client) TreeAddresses(ctx context.Context, computer, partition string) ([]Address, error) {
	const endpoint = "getHostingSubscriptionIpList"
	answer, err := c.get(ctx, call{name: endpoint, optional: true}, partitionFields(computer, partition))
	if err != nil {
		return nil, err
	}
	items, err := decodeMarshal[[]any](c, endpoint, answer)
	return addresses(items), err
}

// RelateInstances tells the Master which instances the code in a partition
// asked for in its last run. A slapproxy does not want to know.
func (c *Client) RelateInstances(ctx context.Context, computer, partition string, names []string) error {
	document, err := marshal.Encode(names)
	if err != nil {
		return err
	}
	fields := partitionFields(computer, partition)
	fields.Set("instance_reference_xml", string(document))
	return c.report(ctx, call{name: "updateComputerPartitionRelatedInstanceList", optional: true}, fields)
}

func partitionFields(computer, partition string) url.Values {
	return url.Values{"computer_id": {computer}, "computer_partition_id": {partition}}
}

// report posts what is answered with a word. A slapproxy says with status 200
// also that it did not do it.
func (c *Client) report(ctx context.Context, k call, fields url.Values) error {
	answer, err := c.post(ctx, k, fields)
	if err != nil {
		return err
	}
	text := string(answer)
	switch {
	case strings.HasPrefix(text, "<marshal>"): // computerBang answers an empty one
	case strings.HasPrefix(text, "Unknown partition"):
		return fmt.Errorf("%s: %w: %s", c.endpoint(k.name), ErrNotFound, oneLine(text))
	case strings.HasPrefix(text, "Not destroying yet"):
		return fmt.Errorf("%s: %w: %s", c.endpoint(k.name), ErrNotReady, oneLine(text))
	case looksLikeHTML(answer):
		return &ContentError{URL: c.endpoint(k.name), Want: "a short text", Message: describeBody(answer)}
	}
	return nil
}
