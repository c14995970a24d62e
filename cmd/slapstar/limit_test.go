package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
)

// What a Master answers to one plan is bounded, and the configuration allows more.
func TestMasterAnswersTooMuch(t *testing.T) {
	long := strings.Repeat("x", 900<<10)
	names := 1
	mux := http.NewServeMux()
	s := httptest.NewServer(mux)
	defer s.Close()
	answer := func(w http.ResponseWriter, v any) {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(v)
	}
	type object = map[string]any
	mux.HandleFunc("GET /hateoas/", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("mode") == "" {
			answer(w, object{"_links": object{"raw_search": object{"href": s.URL + "/hateoas/?mode=search{&query}"}}})
			return
		}
		rows := []any{}
		for i := range names {
			rows = append(rows, object{"title": fmt.Sprint("vm", i), "url_string": "u"})
		}
		if names == 2 {
			rows = append(rows, object{"title": long + long, "url_string": "u"})
		}
		answer(w, object{"_embedded": object{"contents": rows}})
	})
	mux.HandleFunc("POST /slapos.get.v0.instance_tree", func(w http.ResponseWriter, r *http.Request) {
		var asked struct{ Title string }
		json.NewDecoder(r.Body).Decode(&asked)
		answer(w, object{"title": asked.Title, "software_release_uri": "u", "state": "started", "instance_guid": "g", "parameters": object{"a": long}})
	})
	dir := writeFolder(t, map[string]string{
		"one.cfg":   "[slapos]\nmaster_url = " + s.URL + "\nmaster_rest_url = " + s.URL + "/hateoas/\n[slapstar]\nmax_listing = 1\n",
		"more.cfg":  "[slapos]\nmaster_url = " + s.URL + "\nmaster_rest_url = " + s.URL + "/hateoas/\n[slapstar]\nmax_listing = 3\n",
		"main.star": "[request(\"u\", \"vm%d\" % i, {\"a\": \"1\"}) for i in range(6)]\n",
	})
	for _, test := range []struct {
		names int
		cfg   string
		want  string
	}{
		{1, "one.cfg", ""},
		{2, "one.cfg", "the Master answers too much: more than 1 MiB to one request"},
		{2, "more.cfg", ""},
		{6, "one.cfg", "the Master answers too much: more than 4 MiB in all reads of one plan"},
		{6, "more.cfg", ""},
	} {
		names = test.names
		var c screen
		code := c.run(context.Background(), "", "--cfg", filepath.Join(dir, test.cfg), "plan", "--summary", filepath.Join(dir, "main.star"))
		said := c.err.String()
		if (test.want == "") != (code == exitDone) || !strings.Contains(said, test.want) || test.want != "" && !strings.Contains(said, "hint: max_listing = MIB in [slapstar]") {
			t.Errorf("%d names, %s: exit code %d\n%s%s", test.names, test.cfg, code, &c.out, lastLines(said))
		}
	}
}
