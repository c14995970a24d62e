package proxy

import (
	"strings"
	"testing"
)

// What is requested as stopped waits for ever.
func TestFullStoppedWaits(t *testing.T) {
	s := ready(t, 1)
	said(t, "stopped", 408, "")(s.want(t, "", "a", "state", encoded(t, "stopped")))
	s.works(t)
	s.neverAllocated(t, "a")
	s.finds(t, "its news", "", membersOf, "SoftwareInstance_getAllocationInformation aggregate", "Not allocated <nil>")
	said(t, "started", 408, "")(s.want(t, "", "a"))
	s.allocated(t, "a")
}

// Products and allocation supplies say what may be allocated where.
func TestFullSupplies(t *testing.T) {
	const other = "https://lab.example/other/software.cfg"
	s := newFull(t, Options{
		SoftwareProducts: []Product{{Project: defaultProject, Name: "kvm", Releases: []string{kvm}, Types: []string{"default"}},
			{Project: defaultProject, Name: "other", Releases: []string{other}}},
		AllocationSupplies: []Supply{{Project: defaultProject, Releases: []string{kvm}, Nodes: []string{"local_computer", "front"}}, {Project: "elsewhere"}},
	})
	s.format(t, "local_computer", "slappart0", "slappart1", "slappart2")
	s.supplied(t, "local_computer", kvm)
	s.supplied(t, "local_computer", other)
	for _, name := range []string{"a", "front"} {
		s.want(t, "", name)
		s.allocated(t, name)
	}
	s.want(t, "", "type", "software_type", "cluster")
	s.want(t, "", "mode", "filter_xml", encoded(t, map[string]any{"mode": "unique_by_partition"}))
	s.want(t, "", "other", "software_release", other)
	s.want(t, "", "unknown", "software_release", "https://lab.example/unknown.cfg")
	s.want(t, "", "shared", "shared_xml", encoded(t, true))
	for _, name := range []string{"type", "mode", "other", "unknown"} {
		s.works(t)
		s.neverAllocated(t, name)
	}
	if i := s.allocated(t, "shared"); i.Partition != "slappart1" { // of the instance node, and not the first
		t.Errorf("shared: got it on %s", i.Partition)
	}
	// A child goes to no instance of its tree unless the supply allows it.
	child := []string{"computer_id", "local_computer", "computer_partition_id", "slappart0", "shared_xml", encoded(t, true), "filter_xml", encoded(t, map[string]any{"instance_guid": "SOFTINST-1"})}
	s.want(t, "", "child", child...)
	s.works(t)
	s.finds(t, "child", "", membersOf+` AND title:="child"`, "SoftwareInstance_getAllocationInformation", "Not allocated")
	s.rests()
	s.options.AllocationSupplies[0].SameTree = true
	s.works(t)
	s.finds(t, "child", "", membersOf+` AND title:="child"`, "SoftwareInstance_getAllocationInformation", "local_computer (slappart0)")
	s.finds(t, "instance nodes", "", `portal_type:"Instance Node"`, "title follow_up_reference", "front PROJ-1")
	s.finds(t, "products", "", `portal_type:"Software Product"`, "title follow_up_reference", "kvm PROJ-1", "other PROJ-1")
	s.finds(t, "releases", "", `portal_type:"Software Product Release Variation" AND url_string:"`+kvm+`"`, "url_string parent_title", kvm+" kvm")
}

// For what goes to a remote node the Master makes a tree in the other project, in the
// account of another person, and passes on what that publishes.
func TestFullRemote(t *testing.T) {
	s := newFull(t, Options{Simulator: DefaultSimulator{}, NoDelays: true,
		Persons:     []Person{{Name: "alice", Manages: []string{"A"}}, {Name: "bob", Manages: []string{"B"}}},
		RemoteNodes: []RemoteNode{{Reference: "far", Project: "A", Person: "bob", Remote: "B"}}})
	said(t, "supply", 200, "")(s.formAs(t, "bob", "supplySupply", "url", kvm, "computer_id", "COMP-1"))
	until(t, "its software is there", func() bool {
		list, err := findSoftware(s.db, "status = 'available'")
		return err == nil && len(list) == 1
	})
	far := []string{"filter_xml", encoded(t, map[string]any{"computer_guid": "far"})}
	said(t, "request", 408, "")(s.want(t, "alice", "vm", far...))
	until(t, "it has published", func() bool {
		s.works(t)
		_, answer := s.callAs(t, "alice", "get.v0.instance_tree", `{"title": "vm"}`)
		return strings.Contains(answer, `"computer_guid":"far"`) && strings.Contains(answer, `"url":"https://`)
	})
	s.finds(t, "alice's trees", "alice", treesOf, "title getFollowUpReference", "vm A")
	s.finds(t, "bob's trees", "bob", treesOf, "title getFollowUpReference", "_remote_A_SOFTINST-1 B")
	s.finds(t, "remote nodes", "alice", `portal_type:"Remote Node"`, "title", "far")
	s.finds(t, "compute nodes", "alice", `portal_type:"Compute Node" AND reference:"far"`, "title")
	said(t, "change", 200, "")(s.want(t, "alice", "vm", append(far, "state", encoded(t, "stopped"))...))
	s.works(t)
	s.finds(t, "bob's trees", "bob", treesOf, "slap_state", "stop_requested")
	said(t, "end", 408, "")(s.want(t, "alice", "vm", "state", encoded(t, "destroyed")))
	s.works(t)
	s.finds(t, "bob's trees", "bob", treesOf, "title")
}
