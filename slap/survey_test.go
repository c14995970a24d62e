package slap

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// surveyedRows are a tree with its instance, and one of everything else.
func surveyedRows() []row {
	rows := treeOf("1", "vm", "person_module/1", "PROJ-1")
	return append(rows,
		row{"portal_type": "Compute Node", "title": "a", "reference": "COMP-1", "allocation_scope": "open", "getFollowUpReference": "PROJ-1"},
		row{"portal_type": "Software Installation", "node": "COMP-1", "url_string": kvm, "slap_state": "start_requested", "SoftwareInstallation_getNewsDict": row{"text": "#access"}},
		row{"portal_type": "Software Product", "title": "kvm", "reference": "kvm", "relative_url": "software_product_module/1", "getFollowUpReference": "PROJ-1"},
		row{"portal_type": "Software Product Type Variation", "title": "default", "relative_url": "software_product_module/1/1"},
		row{"portal_type": "Upgrade Decision", "reference": "UD-1", "simulation_state": "planned", "aggregate": "instance_tree_module/1", "aggregate_title": "vm"},
		row{"portal_type": "Project", "title": "P", "reference": "PROJ-1"})
}

// told is what a survey says of columns that do not come back as they should.
func told(list []Survey) string {
	var all []string
	for _, s := range list {
		if s.Err != nil || s.Skipped != "" {
			all = append(all, s.Search+" not")
		}
		for _, c := range s.Columns {
			switch {
			case c.Err != nil:
				all = append(all, fmt.Sprintf("%s.%s fails", s.Search, c.Name))
			case c.Odd > 0:
				all = append(all, fmt.Sprintf("%s.%s odd %d/%d", s.Search, c.Name, c.Odd, s.Rows))
			case c.Null > 0 && !c.May:
				all = append(all, fmt.Sprintf("%s.%s %d/%d", s.Search, c.Name, c.Null, s.Rows))
			}
		}
	}
	return strings.Join(all, ", ")
}

func TestSurvey(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*double)
		want   string
	}{
		{"all is well", func(*double) {}, ""},
		{"a column", func(d *double) { d.rows[0]["url_string"], d.rows[1]["specialise"] = nil, nil }, "trees.url_string 1/1, members.specialise 1/1"},
		{"some rows", func(d *double) {
			d.rows = append(d.rows, treeOf("2", "other", "person_module/1", "PROJ-1")...)
			d.rows[0]["slap_state"] = nil
		}, "trees.slap_state 1/2"},
		{"forms of trees", func(d *double) {
			d.rows[0]["getDestinationSection"], d.rows[0]["slap_state"], d.rows[0]["text_content"], d.rows[0]["title"] = "Alice", "running", "<xml", 7
		}, "trees.title odd 1/1, trees.text_content odd 1/1, trees.slap_state odd 1/1, trees.getDestinationSection odd 1/1"},
		{"forms of members", func(d *double) {
			d.rows[1]["specialise"], d.rows[1]["getConnectionXmlAsDict"], d.rows[1]["SoftwareInstance_getAllocationInformation"] = "vm", "url", "somewhere"
			d.rows[1]["SoftwareInstance_getNewsDict"] = row{"text": "#access", "created_at": "yesterday"}
		}, "members.specialise odd 1/1, members.getConnectionXmlAsDict odd 1/1, members.SoftwareInstance_getAllocationInformation odd 1/1, members.SoftwareInstance_getNewsDict odd 1/1"},
		{"who we are", func(d *double) { d.me = "" }, "owned not"},
		{"the owner in a query", func(d *double) { d.broken = "destination_section_relative_url" }, "owned not"},
		{"a quote", func(d *double) { d.broken = `\"` }, "quoted not"},
		{"a script", func(d *double) { d.broken = "SoftwareInstance_getNewsDict" }, "members.SoftwareInstance_getNewsDict fails"},
		{"another script", func(d *double) { d.broken = "SoftwareInstallation_getNewsDict" }, "installations.SoftwareInstallation_getNewsDict fails"},
		{"a column of two searches", func(d *double) { d.broken = "getFollowUpReference" }, "trees.getFollowUpReference fails, installations not, nodes.getFollowUpReference fails, products.getFollowUpReference fails"},
		{"a search", func(d *double) { d.broken = "Upgrade Decision" }, "decisions not"},
		{"no node", func(d *double) {
			d.rows = slices.DeleteFunc(d.rows, func(r row) bool { return r["portal_type"] == "Compute Node" })
		}, "installations not"},
	} {
		d := &double{me: jioPrefix + "person_module/1", rows: surveyedRows()}
		test.change(d)
		list, err := d.serve(t, Options{}).Reader().Survey(context.Background())
		if got := told(list); err != nil || got != test.want || len(list) != 10 {
			t.Errorf("%s: got %q of %d, %v, want %q", test.name, got, len(list), err, test.want)
		}
	}
}

// An interface answers, is not there, or fails.
func TestEndpoints(t *testing.T) {
	legacy := func(code int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(code)
			w.Write([]byte(body))
		}
	}
	rpc := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Write([]byte("{}"))
	}
	const product, beside = "/erp5/portal_slap/getSoftwareReleaseListFromSoftwareProduct", "/erp5/portal_web_services/slapos_master_api/slapos.get.v0.hateoas_url"
	for _, test := range []struct {
		name  string
		calls map[string]http.HandlerFunc
		want  string // what answers, and what is not there
	}{
		{"all", map[string]http.HandlerFunc{product: legacy(200, "<marshal><list/></marshal>"), beside: rpc}, "legacy hateoas json-rpc"},
		{"a project is wanted", map[string]http.HandlerFunc{product: legacy(400, erp5Page("BadRequest", "project_reference")), beside: rpc}, "legacy hateoas json-rpc"},
		{"no JSON-RPC", map[string]http.HandlerFunc{product: legacy(200, "<marshal><list/></marshal>")}, "legacy hateoas -json-rpc"},
		{"a failure", map[string]http.HandlerFunc{product: legacy(500, erp5Page("TypeError", "x")), beside: rpc}, "hateoas json-rpc"},
		{"not allowed", map[string]http.HandlerFunc{product: legacy(403, erp5Page("Unauthorized", "x")), beside: rpc}, "hateoas json-rpc"},
		{"another server", map[string]http.HandlerFunc{product: legacy(200, "<html>hello</html>"), beside: rpc}, "hateoas json-rpc"},
	} {
		d := &double{calls: test.calls}
		var got []string
		list := d.serve(t, Options{MasterURL: "/erp5/portal_slap"}).Reader().Endpoints(context.Background())
		for _, e := range list {
			if e.URL == "" {
				t.Errorf("%s: %s has no URL", test.name, e.Interface)
			}
			if e.Err == nil {
				got = append(got, string(e.Interface))
			} else if errors.Is(e.Err, ErrUnsupported) && e.Interface != Legacy {
				got = append(got, "-"+string(e.Interface))
			}
		}
		if all := strings.Join(got, " "); all != test.want || len(list) != 3 {
			t.Errorf("%s: got %q, want %q: %+v", test.name, all, test.want, list)
		}
	}
}

// What no tree has is one oddity.
func TestOneOddityForAll(t *testing.T) {
	d := &double{me: jioPrefix + "person_module/1"}
	for _, id := range []string{"1", "2", "3"} {
		d.rows = append(d.rows, treeOf(id, "vm"+id, "person_module/1", "PROJ-1")...)
	}
	for _, r := range d.rows {
		r["url_string"] = nil
	}
	list, err := d.serve(t, Options{}).Instances(context.Background())
	if err != nil || len(list.Odd) != 1 || list.Odd[0] != (Oddity{Kind: OddColumn, Detail: "url_string"}) {
		t.Errorf("got %v, %v", list, err)
	}
}
