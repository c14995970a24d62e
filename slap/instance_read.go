package slap

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/http"
)

// An instanceDocument is how the JSON-RPC interface describes an instance, the
// fields that are read here.
type instanceDocument struct {
	Title                string
	InstanceGUID         string `json:"instance_guid"`
	RootInstanceTitle    string `json:"root_instance_title"`
	AccessStatusMessage  string `json:"access_status_message"`
	SoftwareReleaseURI   string `json:"software_release_uri"`
	SoftwareType         string `json:"software_type"`
	State                string
	Shared               bool
	ConnectionParameters map[string]any `json:"connection_parameters"`
	Parameters           map[string]any
	SLAParameters        map[string]any `json:"sla_parameters"`
	ComputerGUID         string         `json:"computer_guid"`
	ComputePartitionID   string         `json:"compute_partition_id"`
}

// Instance reads one root instance by name. The error wraps [ErrNotFound] when
// there is none and [ErrNotReady] when there is one whose attributes the
// Master cannot tell yet. One that is not allocated yet and can be read is no
// error: its Computer is empty.
func (c *Client) Instance(ctx context.Context, name string) (Instance, error) {
	search := func(ctx context.Context) (Instance, error) {
		h, err := c.hateoas(ctx)
		if err == nil && h.limited() {
			return c.searchInstance(ctx, h, name)
		}
		info, err := c.Info(ctx, name)
		if err != nil {
			return Instance{}, err
		}
		return info.Instance, nil
	}
	read := func(ctx context.Context) (Instance, error) {
		i, err := c.readTree(ctx, name)
		if errors.Is(err, ErrNotReady) && c.only == Any {
			// The full Master has a tree and no instance yet; of the tree the
			// HATEOAS interface tells.
			if i, err := search(ctx); err == nil {
				return i, nil
			}
		}
		return i, err
	}
	if c.knownFull() { // which tells over HATEOAS more, and JSON-RPC nothing of owner and project
		return firstOf(ctx, c, "Instance of a full Master", mayNot(func(ctx context.Context) (Instance, error) {
			i, err := search(ctx)
			if err == nil && i.Allocation == AllocationUnknown {
				i = c.placed(ctx, i)
			}
			return i, err
		}), read)
	}
	return firstOf(ctx, c, "Instance", read, search)
}

// placed asks for the place of an instance over JSON-RPC, where a search does not tell it.
func (c *Client) placed(ctx context.Context, i Instance) Instance {
	read, err := c.readTree(ctx, i.Name)
	if err != nil || read.GUID != i.GUID {
		return i // it stays not known
	}
	i.Computer, i.Partition, i.Allocation = read.Computer, read.Partition, NotAllocated
	if i.Computer != "" {
		i.Allocation = Allocated
	}
	if i.Status.Kind == StatusUnknown {
		i.Status = read.Status
	}
	return i
}

// mayNot is a way that a Master may refuse to a user, who then goes another one.
func mayNot[T any](w way[T]) way[T] {
	return func(ctx context.Context) (T, error) {
		v, err := w(ctx)
		if status, ok := errors.AsType[*StatusError](err); ok && !errors.Is(err, ErrUnsupported) && !status.Meaning.Temporary() && status.Code != http.StatusUnauthorized {
			err = fmt.Errorf("%w: %w", ErrUnsupported, err)
		}
		return v, err
	}
}

// readsOfRemains is how often a slapproxy has to fail in the same way before it
// counts for an answer.
const readsOfRemains = 3

// readTree reads an instance tree. Of a destroyed shared instance a slapproxy keeps
// the name, lists it, and fails when it is asked for it (docs/reference/protocol.md, section f;
// recorded in shared.json): such an instance does not exist.
func (c *Client) readTree(ctx context.Context, name string) (Instance, error) {
	for try := 1; ; try++ {
		i, err := c.readInstance(ctx, call{name: "get.v0.instance_tree"}, map[string]string{"title": name})
		status, ok := errors.AsType[*StatusError](err)
		if !ok || status.Code != http.StatusInternalServerError || !status.json || status.Value != "Internal server error" {
			return i, err
		}
		if try == readsOfRemains {
			return Instance{}, fmt.Errorf("instance %q: nothing but its name is left (%s %d): %w", name, status.Value, status.Code, ErrNotFound)
		}
	}
}

func (c *Client) readInstance(ctx context.Context, k call, params any) (Instance, error) {
	var doc instanceDocument
	if err := c.call(ctx, k, params, &doc); err != nil {
		return Instance{}, err
	}
	if doc.Title == "" || doc.SoftwareReleaseURI == "" || doc.State == "" {
		return Instance{}, &ContentError{URL: c.callURL(k.name),
			Want: "an instance document", Message: "one without title, software release or state"}
	}
	i := Instance{
		GUID: doc.InstanceGUID,
		Root: doc.RootInstanceTitle,
		InstanceRequest: InstanceRequest{
			Name:            doc.Title,
			SoftwareRelease: doc.SoftwareReleaseURI,
			SoftwareType:    doc.SoftwareType,
			State:           doc.State,
			Shared:          doc.Shared,
		},
		// A slapproxy does not store the SLA and always answers {}.
		SLAKnown:  len(doc.SLAParameters) > 0,
		Computer:  doc.ComputerGUID,
		Partition: doc.ComputePartitionID,
		Status:    ParseStatus(doc.AccessStatusMessage),
	}
	var errs [3]error
	i.Parameters, errs[0] = texts(doc.Parameters)
	i.SLA, errs[1] = texts(doc.SLAParameters)
	i.ConnectionParameters, errs[2] = texts(doc.ConnectionParameters)
	if err := errors.Join(errs[:]...); err != nil {
		return Instance{}, fmt.Errorf("instance %q: %w", doc.Title, err)
	}
	return i, nil
}

// maxDigits is how many digits a number may have: turning more into a number
// takes long. Package marshal has the same limit.
const maxDigits = 5000

// texts turns JSON values into stored texts: a slapproxy answers the
// parameters of a shared instance with their original types.
func texts(values map[string]any) (Parameters, error) {
	p := make(Parameters, len(values))
	for k, v := range values {
		p[k] = ""
		if v == nil {
			continue
		}
		exact, err := numbers(v)
		if err != nil {
			return nil, fmt.Errorf("parameter %q: %w", k, err)
		}
		p[k] = Text(exact)
	}
	return p, nil
}

// numbers replaces the JSON text of each number in v by the number. A number that is
// out of range is infinite, as in Python.
func numbers(v any) (any, error) {
	switch v := v.(type) {
	case json.Number:
		if len(v) > maxDigits {
			return nil, fmt.Errorf("a number has more than %d digits", maxDigits)
		}
		if n, ok := new(big.Int).SetString(v.String(), 10); ok {
			return n, nil
		}
		f, _ := v.Float64()
		return f, nil
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			var err error
			if list[i], err = numbers(item); err != nil {
				return nil, err
			}
		}
		return list, nil
	case map[string]any:
		dict := make(map[string]any, len(v))
		for k, item := range v {
			var err error
			if dict[k], err = numbers(item); err != nil {
				return nil, err
			}
		}
		return dict, nil
	}
	return v, nil
}
