package engine_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"slapstar/engine"
	"slapstar/slap"
)

// A sited Master tells what is around instances, or refuses to.
type sited struct {
	engine.Reader
	refuses bool
	reads   atomic.Int32 // some at a time
}

var errForbidden = errors.New("forbidden")

func (s *sited) SoftwareProducts(context.Context) ([]slap.SoftwareProduct, error) {
	if s.reads.Add(1); s.refuses {
		return nil, errForbidden
	}
	return []slap.SoftwareProduct{{Reference: "kvm", Releases: []slap.ProductRelease{{URL: release}}, Types: []string{"cluster", "default"}}}, nil
}

func (s *sited) AllNodes(context.Context) ([]slap.Node, error) {
	if s.reads.Add(1); s.refuses {
		return nil, errForbidden
	}
	return []slap.Node{{Reference: "COMP-1", Kind: slap.ComputeNode, AllocationScope: "open"}, {Reference: "COMP-2", Kind: slap.ComputeNode, AllocationScope: "open"},
		{Reference: "COMP-3", Kind: slap.ComputeNode, AllocationScope: "close/outdated"}, {Reference: "NODE-4", Kind: slap.InstanceNode}}, nil
}

func (s *sited) Projects(context.Context) ([]slap.Project, error) {
	if s.reads.Add(1); s.refuses {
		return nil, errForbidden
	}
	return []slap.Project{{Reference: "PROJ-1", Title: "shop"}}, nil
}

func (s *sited) UpgradeDecisions(context.Context) ([]slap.UpgradeDecision, error) {
	if s.reads.Add(1); s.refuses {
		return nil, errForbidden
	}
	return []slap.UpgradeDecision{{Tree: "old", State: "confirmed"}}, nil
}

func (s *sited) SoftwareInstallations(_ context.Context, node string) ([]slap.SoftwareInstallation, error) {
	if s.reads.Add(1); s.refuses {
		return nil, errForbidden
	}
	if node == "COMP-1" {
		return []slap.SoftwareInstallation{{SoftwareRelease: release, Computer: node, State: slap.Available}}, nil
	}
	return nil, nil
}

// Why a full Master will not give an instance a place is said before it is asked for, as far
// as one may see it; where one may not, nothing is claimed.
func TestSite(t *testing.T) {
	on := func(node string) func(*engine.Instance) {
		return func(i *engine.Instance) { i.SLA = map[string]string{"computer_guid": node} }
	}
	for _, test := range []struct {
		name     string
		change   func(*engine.Instance)
		supplied bool
		refuses  bool
		slapos   bool // a slapproxy
		note     string
		reads    int
	}{
		{"all is there", on("COMP-1"), false, false, false, "", 4},
		{"no product", func(i *engine.Instance) { i.SoftwareRelease = "https://lab.example/other.cfg" }, false, false, false,
			"no software product of the project has the release https://lab.example/other.cfg", 3},
		{"no type", func(i *engine.Instance) { i.SoftwareType = "clutser" }, false, false, false, `the software product kvm has no type "clutser", as far as can be seen, but "cluster", "default"`, 3},
		{"no node", on("COMP-9"), false, false, false, `the Master shows no node "COMP-9"`, 4},
		{"closed", on("COMP-3"), false, false, false, "the node COMP-3 is closed (close/outdated)", 4},
		{"not installed", on("COMP-2"), false, false, false, `its release is not on COMP-2: it gets no place there before supply("https://lab.example/software.cfg", "COMP-2")`, 4},
		{"supplied in the same plan", on("COMP-2"), true, false, false, "", 4},
		{"an instance node", on("NODE-4"), false, false, false, "", 4},
		{"one may not look", on("COMP-9"), false, true, false, "the Master shows no software products", 4},
		{"not created", func(i *engine.Instance) { i.State = slap.Destroyed }, false, false, false, "", 0},
		{"exists", func(i *engine.Instance) { i.Name = "same" }, false, false, false, "", 0},
		{"another release", func(i *engine.Instance) { i.Name = "old" }, false, false, false, "by an upgrade decision; there is one, which is confirmed", 1},
		{"a slapproxy", on("COMP-9"), false, false, true, "", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := engine.NewState()
			s.Full = !test.slapos
			s.Instances["same"] = slap.Instance{SLAKnown: true, InstanceRequest: slap.InstanceRequest{Name: "same", SoftwareRelease: release, SoftwareType: "default", State: "started"}}
			s.Instances["old"] = slap.Instance{SLAKnown: true, InstanceRequest: slap.InstanceRequest{Name: "old", SoftwareRelease: "https://lab.example/0.cfg", SoftwareType: "default", State: "started"}}
			want := declare("new", nil)
			test.change(want)
			c := &engine.Config{Resources: []engine.Resource{want}}
			if test.supplied {
				c.Resources = append(c.Resources, &engine.Software{SoftwareRelease: release, Computer: "COMP-2", State: slap.Available})
			}
			m, site := &sited{refuses: test.refuses}, &engine.Site{}
			for range 2 { // the second time all is known
				if err := site.Complete(context.Background(), m, s, c); err != nil {
					t.Fatal(err)
				}
				if test.refuses {
					break
				}
			}
			p, err := engine.NewPlan(c, s, engine.Options{})
			if err != nil {
				t.Fatal(err)
			}
			notes := ""
			for _, n := range p.Notes {
				notes += n.Message + "\n"
			}
			if !strings.Contains(notes, test.note) || test.note == "" && notes != "" || int(m.reads.Load()) != test.reads || !p.CanApply() {
				t.Errorf("got notes %q after %d reads, want %q and %d", notes, m.reads.Load(), test.note, test.reads)
			}
		})
	}
}

// Software that nothing uses does not stay on a full Master.
func TestUnusedSoftware(t *testing.T) {
	for _, test := range []struct {
		declared, there, full, noted bool
	}{{false, false, true, true}, {true, false, true, false}, {false, true, true, false}, {false, false, false, false}} {
		s := engine.NewState()
		s.Full = test.full
		if test.there {
			s.Instances["db"] = slap.Instance{InstanceRequest: slap.InstanceRequest{Name: "db", SoftwareRelease: release, State: "started"}}
		}
		c := &engine.Config{Resources: []engine.Resource{&engine.Software{SoftwareRelease: release, Computer: "COMP-1", State: slap.Available}}}
		if test.declared {
			c.Resources = append(c.Resources, declare("db", nil))
		}
		p, err := engine.NewPlan(c, s, engine.Options{})
		noted := len(p.Notes) > 0 && strings.Contains(p.Notes[0].Message, "once a day this Master removes software")
		if err != nil || noted != test.noted {
			t.Errorf("%+v: got %v, %v", test, p.Notes, err)
		}
	}
}

// Several nodes are asked about at once.
func TestSiteOfSeveralNodes(t *testing.T) {
	s := engine.NewState()
	s.Full = true
	c := &engine.Config{}
	for n := range 20 {
		i := declare(fmt.Sprintf("vm-%d", n), nil)
		i.SLA = map[string]string{"computer_guid": fmt.Sprintf("COMP-%d", n)}
		c.Resources = append(c.Resources, i)
	}
	m, site := &sited{}, &engine.Site{}
	for range 2 {
		if err := site.Complete(context.Background(), m, s, c); err != nil || m.reads.Load() != 23 {
			t.Fatalf("got %v after %d reads", err, m.reads.Load())
		}
	}
}
