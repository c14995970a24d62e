package proxy

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"slapstar/slap"
)

// What package slap reads of a full Master over each interface: more trees than
// fit on a page, their software and nodes.
func TestFullReads(t *testing.T) {
	ctx := context.Background()
	s := newFull(t, Options{Simulator: DefaultSimulator{}, NoDelays: true})
	s.supplied(t, "local_computer", kvm)
	const n = 450
	for i := range n {
		r := vm(fmt.Sprintf("vm%d", i))
		r.Parameters, r.SLA = slap.Parameters{"n": fmt.Sprint(i)}, slap.Parameters{"computer_guid": "local_computer"}
		s.taken(t, r)
	}
	until(t, "all have published", func() bool {
		list, err := s.Instances(ctx)
		if err != nil {
			t.Fatal(err)
		}
		published := 0
		for _, i := range list.Instances {
			if len(i.ConnectionParameters) > 0 {
				published++
			}
		}
		return published == n
	})
	for _, only := range []slap.Interface{slap.Any, slap.HATEOAS, slap.JSONRPC} {
		c := s.client(t, slap.Options{Only: only})
		list, err := c.Instances(ctx)
		if err != nil || len(list.Instances)+len(list.Partial) != n {
			t.Errorf("over %q: %v", only, err)
			continue
		}
		i, err := c.Instance(ctx, "vm321")
		if err != nil || i.Parameters["n"] != "321" || i.ConnectionParameters["url"] == "" || i.SLA["computer_guid"] != "local_computer" || i.GUID == "" {
			t.Errorf("over %q: got %+v, %v", only, i, err)
		}
		if _, err := c.Instance(ctx, "nothing"); !errors.Is(err, slap.ErrNotFound) {
			t.Errorf("over %q: got error %v, want %v", only, err, slap.ErrNotFound)
		}
		software, err := c.SoftwareInstallations(ctx, "local_computer")
		if err != nil || len(software) != 1 || software[0].State != slap.Available {
			t.Errorf("over %q: software: got %v, %v", only, software, err)
		}
	}
	if nodes, err := s.Nodes(ctx); err != nil || len(nodes) != 1 {
		t.Errorf("nodes: got %v, %v", nodes, err)
	}
}
