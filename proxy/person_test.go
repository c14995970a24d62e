package proxy

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Each person has trees of their own, and a manager sees those of everybody in the
// project over HATEOAS, which JSON-RPC does not show.
func TestFullPersons(t *testing.T) {
	s := newFull(t, Options{Persons: []Person{{Name: "alice", Manages: []string{"A"}, Projects: []string{"B"}}, {Name: "bob", Projects: []string{"A"}}, {Name: "carol", Projects: []string{"B"}}}})
	s.format(t, "local_computer", "slappart0", "slappart1", "slappart2")
	s.supplied(t, "local_computer", kvm)
	const only = "PROJ"
	said(t, "bob's", 408, "")(s.want(t, "bob", "vm"))
	said(t, "carol's", 408, "")(s.want(t, "carol", "vm"))
	said(t, "none of two projects", 500, raisedText("AssertionError", "No project reference"))(s.want(t, "alice", "vm"))
	said(t, "alice's", 408, "")(s.want(t, "alice", "vm", "project_reference", "A"))
	said(t, "no such project", 500, raisedText("NotImplementedError", "0 projects &#39;"+only+"&#39;"))(s.want(t, "alice", "x", "project_reference", only))
	said(t, "a project of others", 500, raisedText("NotImplementedError", "0 projects &#39;B&#39;"))(s.want(t, "bob", "x", "project_reference", "B"))
	said(t, "the title in another project", 500, raisedText("AssertionError", ""))(s.want(t, "alice", "vm", "project_reference", "B"))
	said(t, "project_guid", 408, "")(s.want(t, "alice", "y", "filter_xml", encoded(t, map[string]any{"project_guid": "B"})))
	said(t, "a stranger", 401, raisedText("Unauthorized", "There is no person eve."))(s.want(t, "eve", "vm"))
	said(t, "a stranger by JSON-RPC", 401, `{"type":"unauthorized"}`)(s.callAs(t, "eve", "allDocs.v0.instance_tree_list", "{}"))
	said(t, "a node", 404, "NotFound")(s.want(t, "local_computer", "vm"))
	s.works(t)

	for person, want := range map[string][]string{
		"":      {"vm person_module/bob A", "vm person_module/alice A", "y person_module/alice B"},
		"alice": {"vm person_module/bob A", "vm person_module/alice A", "y person_module/alice B"},
		"bob":   {"vm person_module/bob A"},
		"carol": {"vm person_module/carol B"},
	} {
		s.finds(t, "trees of "+person, person, treesOf, "title getDestinationSection getFollowUpReference", want...)
	}
	s.finds(t, "alice's own", "alice", treesOf+` AND destination_section_relative_url:"person_module/alice"`, "title follow_up destination_section",
		"vm project_module/A person_module/alice", "y project_module/B person_module/alice")
	s.finds(t, "alice's own", "alice", membersOf+` AND specialise_relative_url:"instance_tree_module/3"`, "title specialise SoftwareInstance_getAllocationInformation",
		"vm instance_tree_module/3 local_computer (slappart2)")
	s.finds(t, "bob's place", "bob", membersOf, "title SoftwareInstance_getAllocationInformation aggregate aggregate_reference", "vm Restricted information compute_node_module/1/slappart0 slappart0")
	said(t, "JSON-RPC", 200, `{"result_list":[{"title":"vm"},{"title":"y"}]}`)(s.callAs(t, "alice", "allDocs.v0.instance_tree_list", "{}"))
	said(t, "JSON-RPC", 200, `"compute_partition_id":"slappart0"`)(s.callAs(t, "bob", "get.v0.instance_tree", `{"title": "vm"}`))
	said(t, "JSON-RPC", 200, `"compute_partition_id":"slappart1"`)(s.callAs(t, "carol", "get.v0.instance_tree", `{"title": "vm"}`))
	said(t, "by guid", 200, `"instance_guid":"SOFTINST-1"`)(s.callAs(t, "bob", "get.v0.software_instance", `{"instance_guid": "SOFTINST-1"}`))
	said(t, "by guid, of a manager", 200, `"instance_guid":"SOFTINST-1"`)(s.callAs(t, "alice", "get.v0.software_instance", `{"instance_guid": "SOFTINST-1"}`))
	said(t, "by guid, of somebody else", 403, "SOFTWARE-INSTANCE-NOT-FOUND")(s.callAs(t, "carol", "get.v0.software_instance", `{"instance_guid": "SOFTINST-1"}`))
	said(t, "me", 200, `"me":{"href":"urn:jio:get:person_module/carol"}`)(s.as(t, "carol", "GET", hateoasBase, "", ""))
	said(t, "somebody else's document", 404, "")(s.as(t, "carol", "GET", hateoasBase+hateoasScript+"?mode=traverse&relative_url=instance_tree_module/1", "", ""))

	said(t, "supply by a customer", 403, raisedText("Unauthorized", "bob manages no project of this."))(s.formAs(t, "bob", "supplySupply", "url", kvm, "computer_id", "local_computer", "state", "destroyed"))
	said(t, "supply by a customer", 401, `{"type":"unauthorized"}`)(s.callAs(t, "bob", "post.v0.software_installation", fmt.Sprintf(`{"computer_guid": "local_computer", "software_release_uri": %q}`, kvm)))
	said(t, "a node", 403, "")(s.formAs(t, "bob", "requestComputer", "computer_title", "n", "project_reference", "A"))
	said(t, "bob's end", 408, "")(s.want(t, "bob", "vm", "state", encoded(t, "destroyed")))
	s.finds(t, "that of others stays", "carol", treesOf, "title", "vm")
}

// Without configured persons everybody may do everything, and names are persons.
func TestFullAnybody(t *testing.T) {
	s := newFull(t, Options{})
	said(t, "a stranger", 408, "")(s.want(t, "eve", `a "name"`))
	said(t, "project", 408, "")(s.want(t, "eve", "b", "project_reference", defaultProject))
	s.finds(t, "a name with quotes", "", treesOf+` AND title:="a \"name\""`, "title getDestinationSectionTitle", `a "name" eve`)
	said(t, "me", 200, `"me":{"href":"urn:jio:get:person_module/default"}`)(s.as(t, "", "GET", hateoasBase, "", ""))
}

// An account that is not paid gets nothing new, what it has is stopped, and a change is
// of the tree alone.
func TestFullUnpaid(t *testing.T) {
	s := ready(t, 2)
	s.running(t, vm("a"))
	s.rests()
	s.options.Persons = []Person{{Name: defaultPerson, Manages: []string{defaultProject}, Unpaid: true}}
	s.works(t)
	size := []string{"partition_parameter_xml", encoded(t, map[string]any{"size": "2"})}
	said(t, "a change", 408, "")(s.want(t, "", "a", size...))
	said(t, "a new one", 408, "")(s.want(t, "", "b", size...))
	s.works(t)
	for query, want := range map[string][]bool{treesOf: {true, true}, membersOf: {false}} {
		rows := s.search(t, "", query, "text_content")
		got := []bool{}
		for _, row := range rows {
			got = append(got, strings.Contains(row, `id="size">2<`))
		}
		if !cmp.Equal(got, want) {
			t.Errorf("%s: got %q", query, rows)
		}
	}
	s.finds(t, "states", "", treesOf, "title slap_state", "a start_requested", "b start_requested")
	s.finds(t, "states", "", membersOf, "title slap_state", "a stop_requested")
	said(t, "a tree without an instance", 200, "SoftwareInstanceNotReady")(s.callAs(t, "", "get.v0.instance_tree", `{"title": "b"}`))
	s.options.UnpaidDeletion = time.Hour
	s.works(t)
	s.finds(t, "before the deletion", "", treesOf, "title", "a", "b")
	s.options.UnpaidDeletion = time.Nanosecond
	s.works(t)
	s.finds(t, "after the deletion", "", treesOf, "title", "b")
	s.options.Persons[0].Unpaid = false
	s.works(t)
	s.allocated(t, "b")
}

// More than three creations of one person at once conflict.
func TestFullConflict(t *testing.T) {
	s := newFull(t, Options{})
	for range 3 {
		if _, ok := s.creating.begin(defaultPerson, defaultCreations); !ok {
			t.Fatal("fewer than three conflict")
		}
	}
	said(t, "a fourth", 500, raisedText("ConflictError", "database conflict error (person_module/default)"))(s.want(t, "", "a"))
	said(t, "a fourth", 500, "ConflictError: ")(s.callAs(t, "", "post.v0.software_instance", fmt.Sprintf(`{"title": "a", "software_release_uri": %q, "software_type": "default"}`, kvm)))
	said(t, "of somebody else", 408, "")(s.want(t, "bob", "a"))
	s.options.MaxCreations = -1
	said(t, "without a limit", 408, "")(s.want(t, "", "a"))
}

// A token is traded for a new certificate each time, and there are none for nodes.
func TestFullCertificates(t *testing.T) {
	s := newFull(t, Options{Persons: []Person{{Name: "alice", Projects: []string{"A"}, Token: "T"}}})
	get := func(token string) (int, string) {
		r := httptest.NewRequest("POST", "/Person_getCertificate", nil)
		r.Header.Set("X-Access-Token", token)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	said(t, "a wrong one", 403, "The token is not valid.")(get("x"))
	said(t, "none", 403, "")(get(""))
	code, first := get("T")
	if _, second := get("T"); code != 200 || first == second || !strings.Contains(first, `"certificate":"-----BEGIN CERTIFICATE-----`) || !strings.Contains(first, `"key":"-----BEGIN PRIVATE KEY-----`) {
		t.Errorf("got %d %s", code, first)
	}
	said(t, "a node", 410, raisedText("Gone", "Base_getComputerToken is no longer supported."))(s.as(t, "alice", "GET", hateoasBase+"computer_module/Base_getComputerToken", "", ""))
}

// The certificate says who asks, whatever a header says.
func TestFullCertificateIsPerson(t *testing.T) {
	s := newFull(t, Options{Persons: []Person{{Name: "alice", Projects: []string{"A"}}, {Name: "bob", Projects: []string{"A"}}}})
	_, text, err := newCertificate("bob", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode([]byte(text))
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("GET", hateoasBase, nil)
	r.Header.Set("Remote-User", "alice")
	r.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{certificate}}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code != 200 || !strings.Contains(w.Body.String(), `"me":{"href":"urn:jio:get:person_module/bob"}`) {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}
