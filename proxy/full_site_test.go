package proxy

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slapstar/proxy/internal/store"
	"slapstar/slap/marshal"
)

// as makes a request to a full Master as a person; nobody is the first one.
func (s *site) as(t *testing.T, person, method, path, contentType, body string) (int, string) {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	if person != "" {
		r.Header.Set("Remote-User", person)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// formAs posts a form of the legacy interface.
func (s *site) formAs(t *testing.T, person, endpoint string, fields ...string) (int, string) {
	t.Helper()
	values := url.Values{}
	for n := 0; n < len(fields); n += 2 {
		values.Set(fields[n], fields[n+1])
	}
	return s.as(t, person, "POST", legacyBase+endpoint, "application/x-www-form-urlencoded", values.Encode())
}

// callAs calls a method of the JSON-RPC interface.
func (s *site) callAs(t *testing.T, person, method, body string) (int, string) {
	t.Helper()
	return s.as(t, person, "POST", jsonrpcBase+"slapos."+method, "application/json", body)
}

// want asks for an instance, as a person.
func (s *site) want(t *testing.T, person, name string, more ...string) (int, string) {
	t.Helper()
	return s.formAs(t, person, "requestComputerPartition", append([]string{"software_release", kvm, "partition_reference", name, "software_type", "default"}, more...)...)
}

// search returns the rows of a search, a line each, its columns separated by blanks.
func (s *site) search(t *testing.T, person, query string, columns ...string) []string {
	t.Helper()
	form := url.Values{"mode": {"search"}, "query": {query}, "select_list": columns, "limit": {"1000"}, "sort_on": {`["uid","ASC"]`}}
	code, answer := s.as(t, person, "GET", hateoasBase+hateoasScript+"?"+form.Encode(), "", "")
	var found struct {
		Embedded struct{ Contents []map[string]any } `json:"_embedded"`
	}
	if err := json.Unmarshal([]byte(answer), &found); err != nil || code != http.StatusOK {
		t.Fatalf("%s: got %d %s", query, code, answer)
	}
	lines := []string{}
	for _, row := range found.Embedded.Contents {
		words := make([]string, len(columns))
		for n, name := range columns {
			words[n] = fmt.Sprint(row[name])
		}
		lines = append(lines, strings.Join(words, " "))
	}
	return lines
}

// finds compares the rows of a search.
func (s *site) finds(t *testing.T, what, person, query string, columns string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(append([]string{}, want...), s.search(t, person, query, strings.Fields(columns)...)); diff != "" {
		t.Errorf("%s: %s (-want +got):\n%s", what, query, diff)
	}
}

// said wants an answer with a status and a text.
func said(t *testing.T, what string, wantCode int, want string) func(int, string) {
	t.Helper()
	return func(code int, answer string) {
		t.Helper()
		if code != wantCode || !strings.Contains(answer, want) {
			t.Errorf("%s: got %d %s, want %d with %q", what, code, answer, wantCode, want)
		}
	}
}

func raisedText(kind, value string) string {
	return "<strong>Error Type: " + kind + "</strong><br />\n<strong>Error Value: " + value + "</strong>"
}

// encoded is a marshalled field.
func encoded(t *testing.T, v any) string {
	t.Helper()
	document, err := marshal.Encode(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(document)
}

// works lets the work that nobody asks for be done.
func (s *site) works(t *testing.T) {
	t.Helper()
	for range 4 {
		if _, err := s.allocateDue(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
}

const (
	treesOf   = `portal_type:"Instance Tree" AND validation_state:validated`
	membersOf = `portal_type:("Software Instance", "Slave Instance") AND validation_state:validated`
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
	s.options.Persons[0].Unpaid = false
	s.works(t)
	s.allocated(t, "b")
}

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

// News have a text, its colour and when it was reported, and are gone after a restart.
func TestFullNews(t *testing.T) {
	c := newClock()
	s := newFull(t, Options{Now: c.Now})
	s.format(t, "local_computer", "slappart0")
	s.supplied(t, "local_computer", kvm)
	i := s.running(t, vm("a"))
	news := func(want ...string) {
		t.Helper()
		code, answer := s.as(t, "", "GET", hateoasBase+hateoasScript+"?mode=search&select_list=SoftwareInstance_getNewsDict&query="+url.QueryEscape(membersOf), "", "")
		for _, text := range want {
			if code != 200 || !strings.Contains(answer, text) {
				t.Errorf("got %d %s, want %s", code, answer, text)
			}
		}
	}
	news(`"text":"#error no data found for SOFTINST-1"`, `"no_data":1`)
	if err := s.ReportInstance(context.Background(), i.Computer, i.Partition, "started"); err != nil {
		t.Fatal(err)
	}
	reported := c.Now().UTC().Format(http.TimeFormat)
	c.advance(6 * time.Minute)
	news(`"text":"#access Instance correctly started"`, `"colour":"green"`, `"created_at":"`+reported+`"`, `"no_data_since_5_minutes":1`, `"no_data_since_15_minutes":0`)
	if err := s.Bang(context.Background(), i.Computer, i.Partition, "why"); err != nil {
		t.Fatal(err)
	}
	news(`"text":"#error bang called: why"`, `"colour":"red"`)
	said(t, "stop", 200, "")(s.want(t, "", "a", "state", encoded(t, "stopped")))
	news(`"text":"#nodata is an stopped SOFTINST-1"`, `"is_stopped":1`)
	said(t, "start", 200, "")(s.want(t, "", "a"))
	if err := s.update(context.Background(), s.forgetReports); err != nil { // as a start does
		t.Fatal(err)
	}
	news(`"text":"#error no data found for SOFTINST-1"`)
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
	s.options.AllocationSupplies[0].SameTree = true
	s.works(t)
	s.finds(t, "child", "", membersOf+` AND title:="child"`, "SoftwareInstance_getAllocationInformation", "local_computer (slappart0)")
	s.finds(t, "products", "", `portal_type:"Software Product"`, "title follow_up_reference", "kvm PROJ-1", "other PROJ-1")
	s.finds(t, "releases", "", `portal_type:"Software Product Release Variation" AND url_string:"`+kvm+`"`, "url_string parent_title", kvm+" kvm")
}

// A published release is the answer of the next look-up, and reaches a tree when its
// person has accepted the decision that the daily alarm made.
func TestFullUpgrade(t *testing.T) {
	c := newClock()
	ctx := context.Background()
	const next = "https://lab.example/kvm/2/software.cfg"
	s := newFull(t, Options{Now: c.Now, CatalogDelay: time.Second, SoftwareProducts: []Product{{Project: defaultProject, Name: "kvm", Releases: []string{kvm}}}})
	s.want(t, "", "a")
	c.advance(time.Minute)
	product := func() string {
		_, answer := s.as(t, "", "GET", legacyBase+"getSoftwareReleaseListFromSoftwareProduct?project_reference=PROJ-1&software_product_reference=kvm", "", "")
		return answer
	}
	const form = "application/x-www-form-urlencoded"
	said(t, "a product that there is not", 404, "")(s.as(t, "", "POST", "/panel/publish", form, url.Values{"product": {"nothing"}, "release": {next}}.Encode()))
	said(t, "publish", 200, "Published")(s.as(t, "", "POST", "/panel/publish", form, url.Values{"product": {"kvm"}, "release": {next}}.Encode()))
	if answer := product(); !strings.Contains(answer, next) || strings.Index(answer, next) > strings.Index(answer, kvm) {
		t.Errorf("look-up: got %s", answer)
	}
	const decisions = `portal_type:"Upgrade Decision"`
	s.works(t)
	s.finds(t, "before the alarm", "", decisions, "simulation_state")
	said(t, "a request with the new release", 500, "You can not change")(s.want(t, "", "a", "software_release", next))
	c.advance(daily)
	s.works(t)
	s.finds(t, "at once", "", decisions, "simulation_state")
	c.advance(time.Second)
	s.finds(t, "after the alarm", "", decisions, "simulation_state aggregate_title url_string destination_section", "planned a "+next+" person_module/default")
	if err := s.AcceptUpgrade(ctx, defaultPerson, "a"); err == nil {
		t.Error("one that is planned: got no error")
	}
	c.advance(time.Second)
	s.finds(t, "later", "", decisions+` AND simulation_state:("planned", "confirmed", "started")`, "simulation_state", "confirmed")
	s.finds(t, "by state", "", decisions+` AND simulation_state:planned`, "simulation_state")
	said(t, "accept of somebody else", 404, "")(s.as(t, "bob", "POST", "/panel/accept", form, "title=a"))
	said(t, "accept", 200, "Accepted")(s.as(t, "", "POST", "/panel/accept", form, "title=a"))
	s.finds(t, "accepted", "", treesOf, "url_string", kvm)
	c.advance(time.Second)
	s.works(t)
	s.finds(t, "carried out", "", decisions, "simulation_state")
	for _, query := range []string{treesOf, membersOf} {
		s.finds(t, "carried out", "", query, "url_string", next)
	}
}

// Once a day what no supply and no partition uses is removed.
func TestFullCleanUp(t *testing.T) {
	c := newClock()
	s := newFull(t, Options{Now: c.Now, AllocationSupplies: []Supply{{Project: defaultProject, Releases: []string{"allowed"}}, {Project: defaultProject, Releases: []string{"elsewhere"}, Nodes: []string{"COMP-7"}}}})
	s.format(t, "local_computer", "slappart0")
	for _, release := range []string{"allowed", "elsewhere", "unused"} {
		s.supplied(t, "local_computer", release)
	}
	const installations = `portal_type:"Software Installation"`
	s.works(t)
	s.finds(t, "on the same day", "", installations, "url_string slap_state", "allowed start_requested", "elsewhere start_requested", "unused start_requested")
	c.advance(daily)
	s.works(t)
	s.finds(t, "the day after", "", installations, "url_string slap_state", "allowed start_requested", "elsewhere destroy_requested", "unused destroy_requested")
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

// A decision that nobody has to accept is carried out by itself.
func TestFullUpgradeAccepted(t *testing.T) {
	c := newClock()
	const next = "https://lab.example/kvm/2/software.cfg"
	s := newFull(t, Options{Now: c.Now, AcceptUpgrades: true, SoftwareProducts: []Product{{Project: defaultProject, Name: "kvm", Releases: []string{kvm, next}}}})
	s.want(t, "", "a")
	s.works(t)
	c.advance(daily)
	s.works(t)
	s.finds(t, "the day after", "", treesOf, "url_string", next)
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
