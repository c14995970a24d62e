package proxy

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"slapstar/proxy/internal/store"
	"slapstar/slap/marshal"
)

// Searches find what was written when the catalogue knows it, and not before; so of what
// is destroyed. The same request meanwhile is in progress.
func TestFullCatalogDelay(t *testing.T) {
	c := newClock()
	s := newFull(t, Options{Now: c.Now, CatalogDelay: 20 * time.Second})
	s.format(t, "local_computer", "slappart0")
	const installations = `portal_type:"Software Installation" AND validation_state:validated AND default_aggregate_reference:="local_computer"`
	supply := []string{"url", kvm, "computer_id", "local_computer", "state", "available"}

	said(t, "supply", 200, "None")(s.formAs(t, "", "supplySupply", supply...))
	s.finds(t, "at once", "", installations, "url_string")
	said(t, "supply again", 500, raisedText("NotImplementedError", "1_"+kvm+"_inProgress"))(s.formAs(t, "", "supplySupply", supply...))
	said(t, "supply by JSON-RPC", 500, "NotImplementedError: 1_"+kvm+"_inProgress")(s.callAs(t, "", "post.v0.software_installation",
		fmt.Sprintf(`{"computer_guid": "local_computer", "software_release_uri": %q}`, kvm)))
	said(t, "its list by JSON-RPC", 200, `{"result_list":[]}`)(s.callAs(t, "", "allDocs.v0.compute_node_software_installation_list", `{"computer_guid": "local_computer"}`))

	said(t, "request", 408, "")(s.want(t, "", "vm"))
	s.finds(t, "at once", "", treesOf, "title")
	said(t, "list", 200, `{"result_list":[]}`)(s.callAs(t, "", "allDocs.v0.instance_tree_list", "{}"))
	said(t, "request again", 500, raisedText("NotImplementedError", fmt.Sprint(personUID(defaultPerson), "_vm_inProgress")))(s.want(t, "", "vm"))
	gone := []string{"state", encoded(t, "destroyed")}
	said(t, "the end at once", 500, "_vm_inProgress")(s.want(t, "", "vm", gone...))

	c.advance(20 * time.Second)
	s.finds(t, "later", "", installations, "url_string slap_state SoftwareInstallation_getNewsDict", kvm+" start_requested "+fmt.Sprint(s.softwareNews(software{id: 1})))
	said(t, "supply again", 200, "None")(s.formAs(t, "", "supplySupply", supply...))
	said(t, "report", 200, "OK")(s.formAs(t, "", "availableSoftwareRelease", supply[:4]...))
	s.finds(t, "later", "", treesOf, "title", "vm")
	said(t, "list", 200, `{"result_list":[{"title":"vm"}]}`)(s.callAs(t, "", "allDocs.v0.instance_tree_list", "{}"))
	s.works(t)
	s.finds(t, "a member of which the catalogue does not know", "", membersOf, "title")
	said(t, "by guid", 403, "SOFTWARE-INSTANCE-NOT-FOUND")(s.callAs(t, "", "get.v0.software_instance", `{"instance_guid": "SOFTINST-1"}`))
	c.advance(20 * time.Second)
	s.finds(t, "a member", "", membersOf, "title specialise", "vm instance_tree_module/1")
	s.works(t)

	// A change shows at once.
	said(t, "change", 200, "")(s.want(t, "", "vm", "partition_parameter_xml", encoded(t, map[string]any{"size": "2"}), "state", encoded(t, "stopped")))
	if rows := s.search(t, "", treesOf, "text_content", "slap_state"); len(rows) != 1 || !strings.Contains(rows[0], `id="size">2<`) || !strings.HasSuffix(rows[0], " stop_requested") {
		t.Errorf("a change: got %q", rows)
	}
	said(t, "back", 200, "")(s.want(t, "", "vm"))

	said(t, "the end", 408, "")(s.want(t, "", "vm", gone...))
	s.finds(t, "after the end", "", treesOf, "title slap_state", "vm destroy_requested")
	s.finds(t, "after the end", "", membersOf, "title slap_state", "vm destroy_requested")
	for _, more := range [][]string{nil, gone} {
		said(t, "its name at once", 500, raisedText("NotImplementedError", "The system was not able to get the expected instance tree"))(s.want(t, "", "vm", more...))
	}
	c.advance(20 * time.Second)
	s.finds(t, "when the catalogue knows", "", treesOf, "title")
	said(t, "list", 200, `{"result_list":[]}`)(s.callAs(t, "", "allDocs.v0.instance_tree_list", "{}"))
	s.finds(t, "its member, whose node has not reported the end", "", membersOf, "title slap_state", "vm destroy_requested")
	said(t, "the end of what is gone", 408, "")(s.want(t, "", "vm", gone...))
	said(t, "its name, which is free", 408, "")(s.want(t, "", "vm"))
	c.advance(20 * time.Second)
	s.finds(t, "the new one", "", treesOf, "uid title", "2 vm")
}

// The children of a partition lag, too.
func TestFullCatalogDelayOfChildren(t *testing.T) {
	c := newClock()
	s := newFull(t, Options{Now: c.Now, CatalogDelay: time.Second})
	s.format(t, "local_computer", "slappart0", "slappart1")
	s.supplied(t, "local_computer", kvm)
	s.want(t, "", "root")
	for range 3 {
		c.advance(time.Second)
		s.works(t)
	}
	child := []string{"computer_id", "local_computer", "computer_partition_id", "slappart0"}
	said(t, "child", 408, "")(s.want(t, "", "child", child...))
	said(t, "child again", 500, raisedText("NotImplementedError", "1_child_inProgress"))(s.want(t, "", "child", child...))
	c.advance(time.Second)
	said(t, "child later", 408, "")(s.want(t, "", "child", child...))
	s.works(t)
	said(t, "child with a place", 200, "slappart1")(s.want(t, "", "child", child...))
	s.finds(t, "members", "", membersOf+` AND default_specialise_title:="root"`, "title specialise_title", "root root", "child root")
}

// The answer about a node comes from a cache that the first question fills.
func TestFullNodeCache(t *testing.T) {
	c := newClock()
	s := newFull(t, Options{Now: c.Now, CatalogDelay: time.Second})
	ask := func(node string) (int, string) {
		return s.as(t, "", "GET", legacyBase+"getFullComputerInformation?computer_id="+node, "", "")
	}
	said(t, "first", 503, "")(ask("local_computer"))
	said(t, "at once", 503, "")(ask("local_computer"))
	c.advance(time.Second)
	said(t, "later", 200, "Computer")(ask("local_computer"))
	said(t, "an unknown node", 500, "COMP-9 is not registered.")(ask("COMP-9"))
}

// What an embedded Master of the other profile has made is the first person's.
func TestFullAdopts(t *testing.T) {
	file := t.TempDir() + "/master.sqlite"
	s, err := Open(Options{Database: file, Computer: "local_computer", Simulator: silentNodes{{"local_computer", 3}}})
	if err != nil {
		t.Fatal(err)
	}
	r := &request{InstanceRequest: vm("a")}
	child := &request{InstanceRequest: vm("child"), requesterComputer: "local_computer", requesterPartition: "slappart0"}
	for _, r := range []*request{r, child} {
		if err := s.update(context.Background(), func(tx *store.Tx) error { _, err := s.request(tx, r); return err }); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	full := newFull(t, Options{Database: file, Persons: []Person{{Name: "alice", Projects: []string{"A"}}}})
	full.finds(t, "trees", "", treesOf, "title getDestinationSection getFollowUpReference", "a person_module/alice A")
	full.finds(t, "members", "", membersOf, "title specialise", "a instance_tree_module/1", "child instance_tree_module/1")
	said(t, "its request", 200, "slappart0")(full.want(t, "", "a"))
}

// The list of shared instances in the answer to a request is raw.
func TestFullRawSharedList(t *testing.T) {
	s := ready(t, 1)
	s.running(t, vm("host"))
	s.want(t, "", "shared", "shared_xml", encoded(t, true), "partition_parameter_xml", encoded(t, map[string]any{"k": "v"}))
	s.allocated(t, "shared")
	_, answer := s.want(t, "", "host")
	v, err := marshal.Decode([]byte(answer))
	if err != nil {
		t.Fatal(err)
	}
	list := v.(*marshal.Object).State["slave_instance_list"].([]any)
	if len(list) != 1 {
		t.Fatalf("got %v", list)
	}
	entry := list[0].(map[string]any)
	if text, _ := entry["xml"].(string); !strings.Contains(text, `<parameter id="k">v</parameter>`) || entry["connection_xml"] != nil || entry["k"] != nil || entry["slave_title"] != "shared" {
		t.Errorf("got %v", entry)
	}
}
