package proxy

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slapstar/slap"
)

// browse gets a document of the HATEOAS interface.
func (s *site) browse(t *testing.T, query url.Values) (int, object) {
	t.Helper()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest("GET", "/hateoas/?"+query.Encode(), nil))
	var doc object
	if w.Code == 200 {
		if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil {
			t.Fatal(err)
		}
		if kind := w.Header().Get("Content-Type"); kind != halJSON {
			t.Errorf("content type %q", kind)
		}
	}
	return w.Code, doc
}

func (s *site) search(t *testing.T, query string, more url.Values) []any {
	t.Helper()
	form := url.Values{"mode": {"search"}, "query": {query}}
	for key, values := range more {
		form[key] = values
	}
	code, doc := s.browse(t, form)
	if code != 200 {
		t.Fatalf("%s: got %d", query, code)
	}
	return doc["_embedded"].(object)["contents"].([]any)
}

// The bulk read of the client has everything in it.
func TestFullInstances(t *testing.T) {
	c := newClock()
	s := newFull(t, Options{Now: c.Now, AllocationDelay: 10 * time.Second})
	s.format(t, "local_computer", "slappart0", "slappart1")
	s.supplied(t, "local_computer", kvm)
	ctx := context.Background()
	r := vm("a")
	r.State, r.Parameters, r.SLA = slap.Stopped, slap.Parameters{"k": "<v>"}, slap.Parameters{"computer_guid": "local_computer"}
	s.taken(t, r)
	waiting := vm("waiting")
	waiting.SLA = slap.Parameters{"computer_guid": "elsewhere"}
	s.taken(t, waiting)
	shared := vm("shared")
	shared.Shared = true
	s.taken(t, shared)
	c.advance(time.Minute)
	s.wakeAllocation()
	s.allocated(t, "shared")
	if err := s.Publish(ctx, "local_computer", "slappart0", "", slap.Parameters{"url": "https://a/"}); err != nil {
		t.Fatal(err)
	}
	s.taken(t, vm("made just now"))
	list, err := s.Instances(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]bool{"made just now": true}, list.Partial); diff != "" || list.SharedStateLost {
		t.Errorf("partial: shared state lost: %v (-want +got):\n%s", list.SharedStateLost, diff)
	}
	empty := slap.Parameters{}
	complete := func(r slap.InstanceRequest) slap.InstanceRequest {
		if r.Parameters == nil {
			r.Parameters = empty
		}
		if r.SLA == nil {
			r.SLA = empty
		}
		return r
	}
	want := map[string]slap.Instance{
		"a":       {InstanceRequest: r, Root: "a", GUID: "SOFTINST-1", SLAKnown: true, ConnectionParameters: slap.Parameters{"url": "https://a/"}},
		"waiting": {InstanceRequest: complete(waiting), Root: "waiting", GUID: "SOFTINST-2", SLAKnown: true, ConnectionParameters: empty},
		"shared":  {InstanceRequest: complete(shared), Root: "shared", GUID: "SOFTINST-3", SLAKnown: true, ConnectionParameters: empty},
	}
	if diff := cmp.Diff(want, list.Instances); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if i, err := s.Instance(ctx, "made just now"); err != nil || i.SoftwareRelease != kvm {
		t.Errorf("got %+v, %v", i, err)
	}
}

// A search answers 10 rows unless it is told otherwise, and pages on demand.
func TestFullSearchLimits(t *testing.T) {
	s := newFull(t, Options{})
	for n := range 25 {
		s.taken(t, vm(fmt.Sprintf("vm%02d", 24-n)))
	}
	titles := func(more url.Values) string {
		var list []string
		more["select_list"] = []string{"title"}
		for _, row := range s.search(t, `portal_type:"Instance Tree" AND validation_state:validated`, more) {
			list = append(list, strings.TrimPrefix(row.(object)["title"].(string), "vm"))
		}
		return strings.Join(list, " ")
	}
	for _, test := range []struct {
		limit, sort []string
		want        string
	}{
		{nil, nil, "24 23 22 21 20 19 18 17 16 15"},
		{[]string{"3"}, nil, "24 23 22"},
		{[]string{"23", "10"}, nil, "01 00"},
		{[]string{"2"}, []string{`["title","ASC"]`}, "00 01"},
		{[]string{"1", "2"}, []string{`["title","ASC"]`}, "01 02"},
		{[]string{"2"}, []string{`["reference","DESC"]`}, "00 01"},
		{[]string{"100", "5"}, nil, ""},
	} {
		if got := titles(url.Values{"limit": test.limit, "sort_on": test.sort}); got != test.want {
			t.Errorf("limit %q, sort_on %q: got %s, want %s", test.limit, test.sort, got, test.want)
		}
	}
	if list := s.instances(t); len(list) != 25 {
		t.Errorf("the client reads %d of 25", len(list))
	}
}

// Rows have the columns that were selected, null for the unknown, and a link.
func TestFullSearchColumns(t *testing.T) {
	s := ready(t, 1)
	r := vm("a b")
	r.SLA = slap.Parameters{"computer_guid": "local_computer"}
	s.running(t, r)
	const validated = " AND validation_state:validated"
	for _, test := range []struct {
		query, columns string
		want           object
	}{
		{`portal_type:"Instance Tree"` + validated + ` AND title:="a b"`, "uid title reference relative_url url_string source_reference text_content sla_xml slap_state root_slave colour",
			object{"uid": 1., "title": "a b", "reference": "HOSTSUBS-1", "relative_url": "instance_tree_module/1", "url_string": kvm, "source_reference": "default",
				"text_content": slap.Parameters{}.XML(), "sla_xml": r.SLA.XML(), "slap_state": "start_requested", "root_slave": false, "colour": nil}},
		{`portal_type:("Software Instance", "Slave Instance")` + validated + ` AND default_specialise_title:="a b"`, "title relative_url portal_type specialise_title getConnectionXmlAsDict",
			object{"title": "a b", "relative_url": "software_instance_module/1", "portal_type": "Software Instance", "specialise_title": "a b", "getConnectionXmlAsDict": object{}}},
		{`portal_type:"Compute Node"` + validated + ` AND reference:="local_computer"`, "reference title relative_url",
			object{"reference": "local_computer", "title": "local_computer", "relative_url": "compute_node_module/1"}},
		{`portal_type:"Computer"` + validated, "reference", object{"reference": "local_computer"}},
		{`portal_type:"Software Installation"` + validated + ` AND default_aggregate_reference:="local_computer"`, "url_string slap_state",
			object{"url_string": kvm, "slap_state": "start_requested"}},
	} {
		rows := s.search(t, test.query, url.Values{"select_list": strings.Fields(test.columns)})
		if len(rows) != 1 {
			t.Errorf("%s: got %d rows", test.query, len(rows))
			continue
		}
		row := rows[0].(object)
		link, _ := row["_links"].(object)["self"].(object)["href"].(string)
		if relative, selected := row["relative_url"].(string); !strings.HasPrefix(link, "urn:jio:get:") || selected && link != "urn:jio:get:"+relative {
			t.Errorf("%s: link to %q", test.query, link)
		}
		delete(row, "_links")
		if diff := cmp.Diff(test.want, row); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.query, diff)
		}
	}
	for _, query := range []string{
		`portal_type:"Instance Tree"` + validated + ` AND title:="b"`,
		`portal_type:("Slave Instance", "Software Instance")` + validated + ` AND default_specialise_title:="b"`,
		`portal_type:"Software Installation"` + validated + ` AND default_aggregate_reference:="COMP-9"`,
	} {
		if rows := s.search(t, query, nil); len(rows) != 0 {
			t.Errorf("%s: got %v", query, rows)
		}
	}
	if list, err := s.client(t, slap.Options{Only: slap.HATEOAS}).SoftwareInstallations(context.Background(), "local_computer"); err != nil || len(list) != 1 || list[0].State != slap.Available {
		t.Errorf("got %v, %v", list, err)
	}
}

func TestFullSearchRefuses(t *testing.T) {
	s := newFull(t, Options{})
	const trees = `portal_type:"Instance Tree" AND validation_state:validated`
	for _, form := range []url.Values{
		{"query": {""}}, {"query": {"x"}}, {"query": {`portal_type:"Person" AND validation_state:validated`}},
		{"query": {`portal_type:"Instance Tree"`}}, {"query": {trees + " AND"}}, {"query": {trees + ` AND title:="a" OR title:="b"`}},
		{"query": {trees + ` AND title:="a"b"`}}, {"query": {trees + ` AND title:=a`}}, {"query": {trees + ` AND colour:="a"`}},
		{"query": {`portal_type:("Instance Tree" AND validation_state:validated`}}, {"query": {`portal_type:(`}},
		{"query": {trees}, "limit": {"x"}}, {"query": {trees}, "limit": {"-1"}}, {"query": {trees}, "limit": {"1", "2", "3"}},
		{"query": {trees}, "sort_on": {"title"}}, {"query": {trees}, "sort_on": {`["colour","ASC"]`}}, {"query": {trees}, "sort_on": {`["title","; DROP TABLE instance"]`}},
	} {
		form.Set("mode", "search")
		if code, _ := s.browse(t, form); code != 400 {
			t.Errorf("%v: got %d, want 400", form, code)
		}
	}
	for _, path := range []string{"", "x", "instance_tree_module/7", "instance_tree_module/+1", "compute_node_module/1"} {
		if code, _ := s.browse(t, url.Values{"mode": {"traverse"}, "relative_url": {path}}); code != 404 {
			t.Errorf("traverse to %q: got %d, want 404", path, code)
		}
	}
	r := httptest.NewRequest("GET", "/hateoas/", nil)
	for accept, want := range map[string]int{"text/html": 406, "*/*": 200, "text/html, application/hal+json": 200, "application/json": 406} {
		r.Header.Set("Accept", accept)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("Accept %s: got %d, want %d", accept, w.Code, want)
		}
	}
}

func TestFullTreeDocument(t *testing.T) {
	s := ready(t, 1)
	ctx := context.Background()
	r := vm("a/b")
	r.Parameters = slap.Parameters{"k": "v"}
	s.running(t, r)
	document := func() object {
		t.Helper()
		code, doc := s.browse(t, url.Values{"mode": {"traverse"}, "relative_url": {"instance_tree_module/1"}, "view": {"slaposjs_view"}})
		if code != 200 {
			t.Fatalf("got %d", code)
		}
		return doc["_embedded"].(object)["_view"].(object)
	}
	property := func(name string) any { return document()["my_"+name].(object)["default"] }
	for published, want := range map[string]any{
		`{"url": "https://a/", "n": "1"}`:     []any{object{"connection_key": "n", "connection_value": "1"}, object{"connection_key": "url", "connection_value": "https://a/"}},
		`{"_": "{\"url\": \"x\", \"n\": 1}"}`: []any{object{"connection_key": "n", "connection_value": 1.}, object{"connection_key": "url", "connection_value": "x"}},
		`{"_": "[1]"}`:                        []any{object{"connection_key": "_", "connection_value": "[1]"}},
		`{"_": "{\"url\": \"x\"}", "n": ""}`:  []any{object{"connection_key": "_", "connection_value": `{"url": "x"}`}, object{"connection_key": "n", "connection_value": nil}},
		`{}`:                                  []any{},
	} {
		var p slap.Parameters
		if err := json.Unmarshal([]byte(published), &p); err != nil {
			t.Fatal(err)
		}
		if err := s.Publish(ctx, "local_computer", "slappart0", "", p); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, property("connection_parameter_list")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", published, diff)
		}
	}
	r.State = slap.Stopped
	if _, err := s.RequestInstance(ctx, r); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{"reference": "HOSTSUBS-1", "title": "a/b", "slap_state": "stop_requested", "text_content": r.Parameters.XML(),
		"url_string": kvm, "source_reference": "default", "root_slave": 0.} {
		if got := property(name); got != want {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
	news := property("news").(object)
	if news["is_stopped"] != 1. || news["portal_type"] != "Instance Tree" || len(news["instance"].([]any)) != 1 {
		t.Errorf("news: got %v", news)
	}
	info, err := s.Info(ctx, "a/b")
	if err != nil || info.State != slap.Stopped || info.Parameters["k"] != "v" || info.Reference != "HOSTSUBS-1" {
		t.Errorf("got %+v, %v", info, err)
	}
}
