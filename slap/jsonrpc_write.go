package slap

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
)

// The JSON-RPC forms of what the legacy interface does by default, for a client
// that is kept to JSON-RPC.

func (c *Client) requestByCall(ctx context.Context, r InstanceRequest) (Instance, error) {
	sla := make(map[string]any, len(r.SLA))
	project, err := c.projectFor(ctx, r.Project)
	if err != nil {
		return Instance{}, fmt.Errorf("instance %q: %w", r.Name, err)
	}
	if project != "" {
		sla[SLAProject] = project
	}
	for key, value := range r.SLA {
		sla[key] = value
		if key == SLARetention { // the one that has to be a number
			number, err := strconv.ParseFloat(value, 64)
			if err != nil {
				return Instance{}, fmt.Errorf("instance %q: SLA %s: got %q, want a number", r.Name, key, value)
			}
			sla[key] = number
		}
	}
	parameters := r.Parameters
	if parameters == nil {
		parameters = Parameters{}
	}
	params := map[string]any{
		"title":                r.Name,
		"software_release_uri": r.SoftwareRelease,
		"software_type":        r.SoftwareType,
		"shared":               r.Shared,
		"parameters":           parameters,
		"sla_parameters":       sla,
	}
	if r.State != "" {
		params["state"] = r.State
	}
	i, err := c.readInstance(ctx, call{name: "post.v0.software_instance", allocates: true, titled: true, project: project != ""}, params)
	if err != nil {
		return Instance{}, err
	}
	i.InstanceRequest = r
	if i.Computer == "" {
		return i, fmt.Errorf("instance %q: not allocated: %w", r.Name, ErrNotReady)
	}
	return i, nil
}

// supplyByCall asks for software. A full Master answers a bare 503 for the end of what is
// not there, which over the legacy interface is a success; so it is here.
func (c *Client) supplyByCall(ctx context.Context, s SoftwareInstallation) error {
	err := c.succeed(ctx, call{name: "post.v0.software_installation", manages: true, once: s.State == Destroyed}, map[string]any{
		"software_release_uri": s.SoftwareRelease,
		"computer_guid":        s.Computer,
		"state":                s.State,
	})
	status, ok := errors.AsType[*StatusError](err)
	if s.State != Destroyed || !ok || status.Code != http.StatusServiceUnavailable {
		return err
	}
	list, readErr := c.softwareByCall(ctx, s.Computer)
	if readErr != nil || slices.ContainsFunc(list, func(i SoftwareInstallation) bool {
		return i.SoftwareRelease == s.SoftwareRelease && i.State != Destroyed
	}) {
		return err
	}
	return nil
}

// succeed performs a call that is answered with a success and nothing else.
func (c *Client) succeed(ctx context.Context, k call, params map[string]any) error {
	var answer struct{ Type, Title string }
	if err := c.call(ctx, k, params, &answer); err != nil {
		return err
	}
	if answer.Type != "success" {
		return &ContentError{URL: c.callURL(k.name), Want: "a success", Message: oneLine(fmt.Sprintf("%s %s", answer.Type, answer.Title))}
	}
	return nil
}

// withGUID performs a call about the instance of a partition.
func (c *Client) withGUID(ctx context.Context, k call, computer, partition string, params map[string]any) error {
	i, err := c.InstanceOf(ctx, computer, partition)
	if err != nil {
		return err
	}
	params["instance_guid"] = i.GUID
	return c.succeed(ctx, k, params)
}

// InstanceOf reads the instance of a partition over JSON-RPC ([Client.Partition]
// does over the legacy interface). The error wraps
// [ErrNotFound] when the partition is free.
func (c *Client) InstanceOf(ctx context.Context, computer, partition string) (Instance, error) {
	return c.readInstance(ctx, call{name: "get.v0.compute_partition"}, map[string]string{
		"computer_guid": computer, "compute_partition_id": partition,
	})
}

// InstanceByGUID reads an instance, of a tree or below, over JSON-RPC.
func (c *Client) InstanceByGUID(ctx context.Context, guid string) (Instance, error) {
	return c.readInstance(ctx, call{name: "get.v0.software_instance"}, map[string]string{"instance_guid": guid})
}

// An InstanceSummary is a row of a list of instances.
type InstanceSummary struct {
	Title           string
	GUID            string `json:"instance_guid"`
	State           string
	Partition       string `json:"compute_partition_id"`
	SoftwareRelease string `json:"software_release_uri"`
}

// InstancesOn lists the instances of a compute node that are not shared. Their
// guids are those of the interface that answered.
func (c *Client) InstancesOn(ctx context.Context, computer string) ([]InstanceSummary, error) {
	return firstOf(ctx, c, "InstancesOn", func(ctx context.Context) ([]InstanceSummary, error) {
		return callList[InstanceSummary](ctx, c, "allDocs.v0.compute_node_instance_list", map[string]string{"computer_guid": computer})
	}, func(ctx context.Context) ([]InstanceSummary, error) {
		orders, err := c.Orders(ctx, computer)
		if err != nil {
			return nil, err
		}
		list := []InstanceSummary{}
		for _, p := range orders.Partitions {
			if p.Occupied {
				list = append(list, InstanceSummary{Title: p.Instance, GUID: p.GUID, State: p.State, Partition: p.Reference, SoftwareRelease: p.SoftwareRelease})
			}
		}
		return list, nil
	})
}

// SharedInstancesOf lists the shared instances that an instance carries.
func (c *Client) SharedInstancesOf(ctx context.Context, guid string) ([]InstanceSummary, error) {
	return callList[InstanceSummary](ctx, c, "allDocs.v0.instance_node_instance_list", map[string]string{"instance_guid": guid})
}
