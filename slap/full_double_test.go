package slap

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A row is one of a search.
type row = map[string]any

// A double answers searches as the source of the full Master says it does: rows of the
// portal types that are asked for, with the columns that are selected.
type double struct {
	me       string // of the root document
	rows     []row
	broken   string // a query or a column with which a search fails
	searches []string
	calls    map[string]http.HandlerFunc // by path
	url      string
}

var (
	queryTypes = regexp.MustCompile(`^portal_type:(?:"([^"]*)"|\(([^)]*)\))`)
	queryTitle = regexp.MustCompile(`(\w+):=?"((?:[^"\\]|\\"|\\)*)"(?: AND|$)`)
)

func (d *double) serve(t *testing.T, o Options) *Client {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f := d.calls[r.URL.Path]; f != nil {
			f(w, r)
			return
		}
		switch r.URL.Path {
		case "/root":
			json.NewEncoder(w).Encode(row{"_links": row{
				"raw_search": row{"href": d.url + "/search{?query,select_list*,limit*,sort_on*}"},
				"traverse":   row{"href": d.url + "/traverse{?relative_url,view}"},
				"me":         row{"href": d.me},
			}})
		case "/search":
			d.search(w, r)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(s.Close)
	d.url = s.URL
	if o.MasterURL == "" {
		o.MasterURL = s.URL
	} else {
		o.MasterURL = s.URL + o.MasterURL
	}
	o.RESTURL, o.Retry.Tries = s.URL+"/root", 1
	c, err := NewClient(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (d *double) search(w http.ResponseWriter, r *http.Request) {
	query, columns := r.URL.Query().Get("query"), r.URL.Query()["select_list"]
	d.searches = append(d.searches, query)
	if d.broken != "" && (slices.Contains(columns, d.broken) || strings.Contains(query, d.broken)) {
		w.WriteHeader(http.StatusInternalServerError)
		w.Write([]byte(erp5Page("TypeError", "not JSON serializable")))
		return
	}
	types := queryTypes.FindStringSubmatch(query)
	found := []row{}
	for n, candidate := range d.rows {
		if kind := candidate["portal_type"].(string); types == nil || types[1] != kind && !strings.Contains(types[2], `"`+kind+`"`) {
			continue
		}
		match := true
		for _, term := range queryTitle.FindAllStringSubmatch(query, -1) {
			value := strings.ReplaceAll(term[2], `\"`, `"`)
			key := map[string]string{"title": "title", "default_specialise_title": "specialise_title", "destination_section_relative_url": "owner", "default_aggregate_reference": "node"}[term[1]]
			match = match && (key == "" || candidate[key] == value)
		}
		if !match {
			continue
		}
		answered := row{"_links": row{"self": row{"href": jioPrefix + "module/" + strconv.Itoa(n)}}}
		for _, column := range columns {
			answered[column] = candidate[column]
		}
		found = append(found, answered)
	}
	if offset, _ := strconv.Atoi(r.URL.Query().Get("limit")); offset > 0 {
		found = found[min(offset, len(found)):]
	}
	json.NewEncoder(w).Encode(row{"_embedded": row{"contents": found}})
}

// treeOf is an instance tree and its root instance.
func treeOf(id, title, owner, project string) []row {
	path := "instance_tree_module/" + id
	return []row{{
		"portal_type": "Instance Tree", "title": title, "relative_url": path, "url_string": kvm, "source_reference": "default",
		"text_content": Parameters{"id": id}.XML(), "sla_xml": nil, "slap_state": "start_requested", "root_slave": 0,
		"getDestinationSection": owner, "getFollowUpReference": project, "owner": owner,
	}, {
		"portal_type": "Software Instance", "title": title, "reference": "SOFTINST-" + id, "specialise": path, "specialise_title": title,
		"slap_state": "start_requested", "url_string": kvm, "source_reference": "default", "text_content": Parameters{"id": id}.XML(),
		"getConnectionXmlAsDict": row{"url": "https://" + id + "/"}, "aggregate": "compute_node_module/1/slappart" + id, "aggregate_reference": "slappart" + id,
		"SoftwareInstance_getAllocationInformation": "COMP-1 (slappart" + id + ")",
		"SoftwareInstance_getNewsDict":              row{"text": "#access Instance correctly started", "color": "green", "created_at": "Thu, 26 Nov 2026 17:00:00 GMT", "since": "Thu, 26 Nov 2026 16:00:00 +0000"},
	}}
}
