package slap

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fullMaster speaks HATEOAS as the full Master does: a search that takes a
// limit, views, scripts; all of it compressed.
func fullMaster(t *testing.T, nodes int) *Client {
	mux := http.NewServeMux()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			defer z.Close()
			w = gzipWriter{w, z}
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	answer := func(w http.ResponseWriter, v any) { json.NewEncoder(w).Encode(v) }
	mux.HandleFunc("GET /root", func(w http.ResponseWriter, r *http.Request) {
		answer(w, map[string]any{"_links": map[string]any{
			"raw_search": map[string]any{"href": s.URL + "/search?mode=search{&query,select_list*,limit*,sort_on*}"},
			"traverse":   map[string]any{"href": s.URL + "/traverse?mode=traverse{&relative_url,view}"},
			"self":       map[string]any{"href": s.URL + "/self"},
		}})
	})
	mux.HandleFunc("GET /search", func(w http.ResponseWriter, r *http.Request) {
		limit := r.URL.Query()["limit"]
		if len(limit) != 2 {
			t.Errorf("limit: got %q, want offset and count", limit)
			return
		}
		offset, _ := strconv.Atoi(limit[0])
		count, _ := strconv.Atoi(limit[1])
		count = min(count, mostRows)
		if got := r.URL.Query().Get("sort_on"); got != `["uid","ASC"]` {
			t.Errorf("sort_on: got %q", got)
		}
		all := fullRows(r.URL.Query().Get("query"), nodes)
		for i, row := range all {
			row.(map[string]any)["_links"] = map[string]any{"self": map[string]any{"href": fmt.Sprintf("urn:jio:get:module/%d", i)}}
		}
		answer(w, map[string]any{"_embedded": map[string]any{"contents": all[min(offset, len(all)):min(offset+count, len(all))]}})
	})
	mux.HandleFunc("GET /traverse", func(w http.ResponseWriter, r *http.Request) {
		field := func(v any) map[string]any { return map[string]any{"type": "StringField", "default": v} }
		answer(w, map[string]any{"_embedded": map[string]any{"_view": map[string]any{
			"my_reference": field("HOSTSUBS-1"), "my_slap_state": field("stop_requested"), "my_url_string": field(kvm),
			"my_source_reference": field("default"), "my_text_content": field(Parameters{"a": "1"}.XML()), "my_root_slave": field(false),
			"my_connection_parameter_list": field([]any{map[string]any{"connection_key": "url", "connection_value": "https://x/"}, map[string]any{"connection_key": "n", "connection_value": 3}}),
			"your_news":                    field(map[string]any{"instance": []any{}}), "form_id": field("x"),
		}}})
	})
	mux.HandleFunc("POST /slapos.get.v0.instance_tree", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		answer(w, map[string]any{"message": "Software Instance Not Ready", "status": 102, "name": "SoftwareInstanceNotReady"})
	})
	mux.HandleFunc("GET /self/computer_module/Base_getComputerToken", func(w http.ResponseWriter, r *http.Request) {
		answer(w, map[string]any{"access_token": "hush"})
	})
	c, err := NewClient(Options{MasterURL: s.URL, RESTURL: s.URL + "/root"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// fullRows are the rows of a search: of n nodes, of n trees with their
// instances, and of the software of a node.
func fullRows(query string, n int) []any {
	type row = map[string]any
	rows := []any{}
	for i := range n {
		title := fmt.Sprintf("shop%d", i)
		if strings.Contains(query, "title:=") {
			title = "shop"
		}
		switch {
		case strings.Contains(query, "Compute Node"):
			rows = append(rows, row{"title": "shop", "reference": fmt.Sprintf("COMP-%d", i)})
		case strings.Contains(query, "specialise_title:="):
			return rows // a tree without an instance so far
		case strings.Contains(query, "Instance Tree"):
			tree := row{"title": title, "url_string": kvm, "source_reference": "default", "text_content": Parameters{"a": "1"}.XML(),
				"sla_xml": Parameters{"computer_guid": "COMP-1"}.XML(), "slap_state": "stop_requested", "root_slave": i == 1, "relative_url": fmt.Sprintf("instance_tree_module/%d", i)}
			if i == 3 {
				tree["text_content"] = nil // not known or not allowed
			}
			rows = append(rows, tree)
		case strings.Contains(query, "Software Instance"):
			connection := row{"url": "https://x/", "n": 3}
			if i != 2 { // a tree without an instance so far
				rows = append(rows, row{"title": title, "reference": "SOFTINST-" + title, "specialise": fmt.Sprintf("instance_tree_module/%d", i), "getConnectionXmlAsDict": connection})
			}
			rows = append(rows, row{"title": "child", "reference": "SOFTINST-C", "specialise": fmt.Sprintf("instance_tree_module/%d", i), "getConnectionXmlAsDict": connection})
		case strings.Contains(query, "Software Installation"):
			rows = append(rows, row{"url_string": fmt.Sprint(kvm, i), "slap_state": map[bool]string{true: "destroy_requested", false: "start_requested"}[i == 1]})
		}
	}
	return rows
}

type gzipWriter struct {
	http.ResponseWriter
	z *gzip.Writer
}

func (c gzipWriter) Write(p []byte) (int, error) { return c.z.Write(p) }

// mostRows is how many rows the Master of these tests gives at most, whatever it
// is asked for.
const mostRows = 150

// A list that the Master cuts is read to its end.
func TestSearchPages(t *testing.T) {
	for _, n := range []int{0, 1, pageRows - 1, pageRows, pageRows + 1, 3*pageRows + 7} {
		got, err := fullMaster(t, n).Nodes(context.Background())
		if err != nil || len(got) != n {
			t.Errorf("of %d: got %d, %v", n, len(got), err)
		}
	}
}

func TestFull(t *testing.T) {
	none := httptest.NewServer(http.NotFoundHandler()) // as a slapproxy without HATEOAS
	defer none.Close()
	other, err := NewClient(Options{MasterURL: none.URL})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		client *Client
		want   bool
	}{{fullMaster(t, 1), true}, {other, false}} {
		if got, err := c.client.Full(context.Background()); err != nil || got != c.want {
			t.Errorf("got %t, %v, want %t", got, err, c.want)
		}
	}
}

// The whole account of the full Master in two searches, page by page.
func TestInstancesOfTheFullMaster(t *testing.T) {
	const n = 2*pageRows + 3
	list, err := fullMaster(t, n).Instances(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]bool{"shop3": true}, list.Partial); diff != "" || len(list.Instances) != n-1 {
		t.Errorf("got %d instances; partial (-want +got):\n%s", len(list.Instances), diff)
	}
	want := Instance{GUID: "SOFTINST-shop1", Root: "shop1", SLAKnown: true, ConnectionParameters: Parameters{"url": "https://x/", "n": "3"},
		InstanceRequest: InstanceRequest{Name: "shop1", SoftwareRelease: kvm, SoftwareType: "default", State: Stopped, Shared: true,
			Parameters: Parameters{"a": "1"}, SLA: Parameters{"computer_guid": "COMP-1"}}}
	want.Document, want.Members = "instance_tree_module/1", []Member{{Title: "shop1", GUID: "SOFTINST-shop1"}, {Title: "child", GUID: "SOFTINST-C"}}
	if diff := cmp.Diff(want, list.Instances["shop1"]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	wantOdd := []Oddity{{Kind: OddOwners}, {Kind: OddReports}, {OddNoInstance, "shop2", ""}, {OddColumn, "shop3", "text_content"}}
	if diff := cmp.Diff(wantOdd, list.Odd); diff != "" {
		t.Errorf("oddities (-want +got):\n%s", diff)
	}
}

// Rows that come or go between two pages are noticed: the list is read again, or
// not at all.
func TestSearchOfWhatChanges(t *testing.T) {
	for _, test := range []struct {
		changes int // searches during which a row goes
		whole   bool
	}{{0, true}, {1, true}, {maxSearches - 1, true}, {maxSearches, false}} {
		gone, pages := 0, 0
		mux := http.NewServeMux()
		s := httptest.NewServer(mux)
		mux.HandleFunc("GET /root", func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(w, `{"_links": {"raw_search": {"href": "%s/search?mode=search{&query,select_list*,limit*}"}}}`, s.URL)
		})
		mux.HandleFunc("GET /search", func(w http.ResponseWriter, r *http.Request) {
			offset, _ := strconv.Atoi(r.URL.Query()["limit"][0])
			if offset == 0 {
				pages++
			} else if gone < test.changes && gone < pages {
				gone++ // the first row
			}
			rows := []any{}
			for i := gone + offset; i < min(gone+offset+pageRows, 450); i++ {
				rows = append(rows, map[string]any{"reference": strconv.Itoa(i), "_links": map[string]any{"self": map[string]any{"href": strconv.Itoa(i)}}})
			}
			json.NewEncoder(w).Encode(map[string]any{"_embedded": map[string]any{"contents": rows}})
		})
		c, err := NewClient(Options{MasterURL: s.URL, RESTURL: s.URL + "/root", Only: HATEOAS})
		if err != nil {
			t.Fatal(err)
		}
		got, err := c.Nodes(context.Background())
		s.Close()
		if test.whole && (err != nil || len(got) != 450-test.changes) || !test.whole && !errors.Is(err, ErrBusy) {
			t.Errorf("%d changes: got %d rows, %v", test.changes, len(got), err)
		}
		for i, computer := range got {
			if computer.Reference != strconv.Itoa(test.changes+i) {
				t.Fatalf("%d changes: row %d is %s", test.changes, i, computer.Reference)
			}
		}
	}
}

// Of two trees or instances of one name, of what is to go, and of what a search
// leaves out, nothing is guessed.
func TestAmbiguousInstances(t *testing.T) {
	type row = map[string]any
	tree := func(title string, change row) row {
		r := row{"title": title, "relative_url": title, "url_string": kvm, "source_reference": "default", "text_content": "", "slap_state": "start_requested", "root_slave": 0}
		maps.Copy(r, change)
		return r
	}
	root := func(title, state string) row {
		return row{"title": title, "reference": "G", "specialise": title, "slap_state": state, "getConnectionXmlAsDict": row{"url": "x"}}
	}
	mux := http.NewServeMux()
	s := httptest.NewServer(mux)
	defer s.Close()
	mux.HandleFunc("GET /root", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"_links": {"raw_search": {"href": "%s/search?mode=search{&query,select_list*,limit*}"}}}`, s.URL)
	})
	mux.HandleFunc("GET /search", func(w http.ResponseWriter, r *http.Request) {
		rows := []row{
			tree("good", nil), tree("two trees", nil), tree("two trees", nil), tree("two roots", nil), tree("old root", nil),
			tree("no state", row{"slap_state": nil}), tree("odd state", row{"slap_state": "draft"}), tree("no type", row{"source_reference": nil}), tree("no shared", row{"root_slave": nil}),
		}
		if strings.Contains(r.URL.Query().Get("query"), "Software Instance") {
			rows = []row{root("good", "start_requested"), root("two trees", ""), root("two roots", ""), root("two roots", ""), root("old root", "destroy_requested"),
				root("no state", ""), root("odd state", ""), root("no type", ""), root("no shared", "")}
		}
		if r.URL.Query()["limit"][0] != "0" {
			rows = rows[len(rows)-1:]
		}
		json.NewEncoder(w).Encode(row{"_embedded": row{"contents": rows}})
	})
	c, err := NewClient(Options{MasterURL: s.URL, RESTURL: s.URL + "/root", Only: HATEOAS})
	if err != nil {
		t.Fatal(err)
	}
	list, err := c.Instances(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	// Of one whose old instance is to go a new one is still missing.
	if len(list.Instances) != 2 || list.Instances["good"].ConnectionParameters["url"] != "x" || len(list.Instances["old root"].ConnectionParameters) != 0 || len(list.Partial) != 6 {
		t.Errorf("got %+v", list)
	}
	for name, want := range map[string]error{"two trees": ErrRefused, "no state": ErrUnsupported} {
		if got, err := c.Instance(context.Background(), name); !errors.Is(err, want) {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

// Where the JSON-RPC interface has nothing to tell of a tree yet, or is somewhere
// else, HATEOAS does.
func TestInstanceOfTheFullMaster(t *testing.T) {
	for _, only := range []Interface{Any, HATEOAS, JSONRPC} {
		c := fullMaster(t, 1)
		c.only = only
		got, err := c.Instance(context.Background(), "shop")
		if only == JSONRPC {
			if !errors.Is(err, ErrNotReady) {
				t.Errorf("over %s: got error %v, want %v", only, err, ErrNotReady)
			}
			continue
		}
		if err != nil || got.State != Stopped || got.Computer != "" {
			t.Errorf("over %q: got %+v, %v", only, got, err)
		}
	}
}

func TestSoftwareOfTheFullMaster(t *testing.T) {
	c := fullMaster(t, 2)
	for range 2 { // the way is found once
		got, err := c.SoftwareInstallations(context.Background(), "COMP-1")
		want := []SoftwareInstallation{{SoftwareRelease: kvm + "0", Computer: "COMP-1", State: Available}, {SoftwareRelease: kvm + "1", Computer: "COMP-1", State: Destroyed}}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
	if n, _ := c.found.Load("SoftwareInstallations"); n != 1 {
		t.Errorf("remembered way %v, want 1", n)
	}
}

func TestInfoOfTheFullMaster(t *testing.T) {
	got, err := fullMaster(t, 1).Info(context.Background(), "shop")
	if err != nil {
		t.Fatal(err)
	}
	want := &Info{Reference: "HOSTSUBS-1", News: json.RawMessage(`{"instance":[]}`), Instance: Instance{
		Root: "shop", SLAKnown: true, ConnectionParameters: Parameters{"url": "https://x/", "n": "3"}, Allocation: NotAllocated, Document: "instance_tree_module/0", Members: []Member{},
		InstanceRequest: InstanceRequest{Name: "shop", SoftwareRelease: kvm, SoftwareType: "default", State: Stopped, Parameters: Parameters{"a": "1"}, SLA: Parameters{"computer_guid": "COMP-1"}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestNodeToken(t *testing.T) {
	if got, err := fullMaster(t, 0).NodeToken(context.Background()); err != nil || got != "hush" {
		t.Errorf("got %q, %v", got, err)
	}
	c := newReplay(t, "client-startup").client() // a slapproxy has none
	if _, err := c.NodeToken(context.Background()); !errors.Is(err, ErrUnsupported) {
		t.Errorf("got error %v, want %v", err, ErrUnsupported)
	}
}
