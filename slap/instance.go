package slap

import (
	"context"
	"fmt"
	"net/url"

	"slapstar/slap/marshal"
)

// The states in which an instance can be asked to be, and the first and last
// of a software installation.
const (
	Started   = "started"
	Stopped   = "stopped"
	Destroyed = "destroyed"
	Available = "available"
)

// DefaultType is the software type that the stock client sends when none is
// given. An older default, RootSoftwareInstance, is another type to a Master.
const DefaultType = "default"

// An InstanceRequest asks for an instance tree. A Master creates the tree or changes
// it to match. Every field is always sent: a Master empties what is left out.
type InstanceRequest struct {
	Name            string
	SoftwareRelease string // URL
	SoftwareType    string
	State           string // empty: as it is, and started when it is new; JSON-RPC takes it for started
	Shared          bool
	Parameters      Parameters
	SLA             Parameters
	Project         string // reference of its project on a full Master; empty: that of the client, or the only one
}

// An Instance is what a Master has under one name.
type Instance struct {
	InstanceRequest
	GUID                 string // empty where a listing does not tell
	Root                 string // name of the instance tree; empty where a listing does not tell
	Status               Status // what the node reported last; not known on a slapproxy
	SLAKnown             bool   // false where the Master does not store the SLA
	ConnectionParameters Parameters
	Computer             string // node that it is allocated on; empty while it is not, and where a listing does not tell
	Partition            string

	// On a full Master alone, and where it was searched.
	Allocation Allocation
	Owner      string   // the person, such as person_module/1, see [Client.Me]; empty where it is not told
	Project    string   // its reference; empty where it is not told
	Document   string   // relative URL of the instance tree, such as instance_tree_module/7
	Remote     bool     // the Master made it for a Remote Node: it is nobody's to change
	Members    []Member // of the tree, itself first; nil where they are not told, empty if there is none yet
}

// RequestInstance asks for an instance tree: the Master creates it, or changes
// the one of that name to match. On a Master that allocates later the error wraps
// [ErrNotReady] although the request was taken, and [ErrTaken] while it, or another one
// for the same name, is not listed yet: both mean that the listing is to be read, and
// that the same is not to be asked for again meanwhile. It wraps [ErrGoing] while
// something of this name is being destroyed: nothing was taken. It wraps [ErrNoPartition]
// when there is nothing to allocate on, [ErrNoProject] when the Master cannot tell in
// which project, and [ErrRefused] for what the Master does not allow. [MeaningOf] tells
// them apart further.
//
// The Instance holds the request, and from the answer the guid, the place and the
// connection parameters. Its state is empty if the request has none: the state that a
// slapproxy then answers may be wrong.
//
// It uses the legacy call, which costs a slapproxy about half of the JSON-RPC one.
func (c *Client) RequestInstance(ctx context.Context, r InstanceRequest) (Instance, error) {
	if c.only == JSONRPC {
		return c.requestByCall(ctx, r)
	}
	form := url.Values{}
	project, err := c.projectFor(ctx, r.Project)
	if err != nil {
		return Instance{}, fmt.Errorf("instance %q: %w", r.Name, err)
	}
	if project != "" {
		form.Set("project_reference", project)
	}
	return c.requestByForm(ctx, r, form)
}

// RequestChild asks for an instance on behalf of the instance in a partition:
// it becomes part of that one's tree. The result is that of RequestInstance.
func (c *Client) RequestChild(ctx context.Context, computer, partition string, r InstanceRequest) (Instance, error) {
	return c.requestByForm(ctx, r, partitionFields(computer, partition))
}

// requestByForm adds the fields of a request to those of the requester.
func (c *Client) requestByForm(ctx context.Context, r InstanceRequest, form url.Values) (Instance, error) {
	form.Set("software_release", r.SoftwareRelease)
	form.Set("partition_reference", r.Name)
	form.Set("software_type", r.SoftwareType)
	var state any // none: as it is, and started when it is new
	if r.State != "" {
		state = r.State
	}
	for _, field := range []struct {
		name  string
		value any
	}{
		{"partition_parameter_xml", map[string]string(r.Parameters)},
		{"filter_xml", map[string]string(r.SLA)},
		{"state", state},
		{"shared_xml", r.Shared},
	} {
		text, err := marshal.Encode(field.value)
		if err != nil {
			return Instance{}, fmt.Errorf("instance %q: %s: %w", r.Name, field.name, err)
		}
		form.Set(field.name, string(text))
	}
	const endpoint = "requestComputerPartition"
	answer, err := c.post(ctx, call{name: endpoint, allocates: true, titled: form.Get("computer_id") == "", project: form.Get("project_reference") != ""}, form)
	if err != nil {
		return Instance{}, err
	}
	o, err := decodeMarshal[*marshal.Object](c, endpoint, answer)
	if err != nil {
		return Instance{}, err
	}
	i := Instance{
		InstanceRequest:      r,
		GUID:                 str(o.State["_instance_guid"]),
		ConnectionParameters: storedTexts(o.State["_connection_dict"], nil),
		Computer:             str(o.State["slap_computer_id"]),
		Partition:            str(o.State["slap_computer_partition_id"]),
	}
	if i.Computer == "" && o.Class == "SoftwareInstance" { // the third way to say so, beside 408 and the message of the JSON-RPC interface
		return i, fmt.Errorf("instance %q: not allocated: %w", r.Name, ErrNotReady)
	}
	return i, nil
}
