package slap

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
			w = compressed{w, z}
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
		rows := []any{}
		for i := offset; i < min(offset+count, nodes); i++ {
			rows = append(rows, map[string]any{"title": "shop", "reference": fmt.Sprintf("COMP-%d", i), "relative_url": "tree_module/1"})
		}
		answer(w, map[string]any{"_embedded": map[string]any{"contents": rows}})
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
	mux.HandleFunc("GET /self/computer_module/Base_getComputerToken", func(w http.ResponseWriter, r *http.Request) {
		answer(w, map[string]any{"access_token": "hush"})
	})
	c, err := NewClient(Options{MasterURL: s.URL, RESTURL: s.URL + "/root"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

type compressed struct {
	http.ResponseWriter
	z *gzip.Writer
}

func (c compressed) Write(p []byte) (int, error) { return c.z.Write(p) }

// mostRows is how many rows the Master of these tests gives at most, whatever it
// is asked for.
const mostRows = 150

// A list that the Master cuts is read to its end.
func TestSearchPages(t *testing.T) {
	for _, n := range []int{0, 1, pageRows - 1, pageRows, pageRows + 1, 3*pageRows + 7} {
		got, err := fullMaster(t, n).Computers(context.Background())
		if err != nil || len(got) != n {
			t.Errorf("of %d: got %d, %v", n, len(got), err)
		}
	}
}

func TestInfoOfTheFullMaster(t *testing.T) {
	got, err := fullMaster(t, 1).Info(context.Background(), "shop")
	if err != nil {
		t.Fatal(err)
	}
	want := &Info{Reference: "HOSTSUBS-1", News: json.RawMessage(`{"instance":[]}`), Instance: Instance{
		Root: "shop", ConnectionParameters: Parameters{"url": "https://x/", "n": "3"},
		InstanceRequest: InstanceRequest{Name: "shop", SoftwareRelease: kvm, SoftwareType: "default", State: Stopped, Parameters: Parameters{"a": "1"}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestComputerToken(t *testing.T) {
	if got, err := fullMaster(t, 0).ComputerToken(context.Background()); err != nil || got != "hush" {
		t.Errorf("got %q, %v", got, err)
	}
	c := newReplay(t, "client-startup").client() // a slapproxy has none
	if _, err := c.ComputerToken(context.Background()); !errors.Is(err, ErrUnsupported) {
		t.Errorf("got error %v, want %v", err, ErrUnsupported)
	}
}
