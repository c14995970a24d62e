package slap

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// listingServer is a slapproxy whose search answers what write writes.
func listingServer(t *testing.T, o Options, write func(http.ResponseWriter, *http.Request)) *Client {
	mux := http.NewServeMux()
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	template := "/search{?query}"
	if o.Project == "pages" {
		template = "/search{?query,limit*}"
	}
	mux.HandleFunc("GET /root", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"_links": {"raw_search": {"href": "%s%s"}}}`, s.URL, template)
	})
	mux.HandleFunc("/", write)
	o.MasterURL, o.RESTURL = s.URL, s.URL+"/root"
	o.Retry.Initial = time.Microsecond
	c, err := NewClient(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// fill writes n MiB of an answer that does not end.
func fill(w io.Writer, n int) {
	io.WriteString(w, `{"_embedded": {"contents": [{"title": "`)
	for chunk := bytes.Repeat([]byte("x"), 1<<20); n > 0; n-- {
		if _, err := w.Write(chunk); err != nil {
			return
		}
	}
}

// What a Master answers is bounded as it is unpacked, and not kept beyond the bound.
func TestLongAnswers(t *testing.T) {
	ctx := context.Background()
	long := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path == "/search" {
			fill(w, 400)
			return
		}
		w.Header().Set("Content-Encoding", "gzip") // of which 400 MiB are 400 kB
		z := gzip.NewWriter(w)
		fill(z, 400)
		z.Close()
	}
	zipped := func(w http.ResponseWriter, r *http.Request) {
		r.URL.Path = ""
		long(w, r)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for _, test := range []struct {
		name  string
		write http.HandlerFunc
		most  int64
		want  string
		call  func(*Client) error
	}{
		{"a listing", long, 0, "the Master answers too much: more than 64 MiB to one request", func(c *Client) error { _, err := c.Instances(ctx); return err }},
		{"a listing, packed", zipped, 0, "more than 64 MiB to one request", func(c *Client) error { _, err := c.Instances(ctx); return err }},
		{"a list over JSON-RPC", long, 0, "more than 64 MiB to one request", func(c *Client) error { _, err := c.InstancesOn(ctx, "n"); return err }},
		{"an instance", long, 0, "more than 64 MiB to one request", func(c *Client) error { _, err := c.Instance(ctx, "vm"); return err }},
		{"an answer of the legacy interface", long, 0, "more than 64 MiB to one request", func(c *Client) error { _, err := c.Product(ctx, "kvm"); return err }},
		{"another limit", long, 2 << 20, "more than 2 MiB to one request", func(c *Client) error { _, err := c.Instances(ctx); return err }},
	} {
		c := listingServer(t, Options{Limits: Limits{Bytes: test.most}}, test.write)
		if err := test.call(c); !errors.Is(err, ErrTooMuch) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got error %v, want one that contains %q", test.name, err, test.want)
		}
	}
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapSys) - int64(before.HeapSys); grown > 1<<30 {
		t.Errorf("the heap grew by %d MiB", grown>>20)
	}
}

// Small rows cost more than they weigh: they are counted.
func TestManyRows(t *testing.T) {
	rows := func(n int) string { return "[{}" + strings.Repeat(",{}", n-1) + "]" }
	for _, test := range []struct {
		most, n int
		ok      bool
	}{{0, 1_000_001, false}, {10, 10, true}, {10, 11, false}} {
		c := listingServer(t, Options{Limits: Limits{Rows: test.most}}, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			if r.URL.Path == "/search" {
				fmt.Fprintf(w, `{"_embedded": {"contents": %s}}`, rows(test.n))
				return
			}
			fmt.Fprintf(w, `{"result_list": %s}`, rows(test.n))
		})
		most := c.limits.Rows
		_, err := c.Instances(context.Background())
		_, other := c.InstancesOn(context.Background(), "n")
		for _, err := range []error{err, other} {
			if test.ok != (err == nil) || !test.ok && (!errors.Is(err, ErrTooMuch) || !strings.Contains(err.Error(), fmt.Sprintf("more than %d rows in one listing", most))) {
				t.Errorf("%d of at most %d: got error %v", test.n, most, err)
			}
		}
	}
}

// The pages of a listing count together, and so do all reads of a plan.
func TestLimitsTogether(t *testing.T) {
	pages := func(w http.ResponseWriter, r *http.Request) {
		offset, _ := strconv.Atoi(r.URL.Query()["limit"][0])
		var b strings.Builder
		for i := range pageRows {
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, `{"title": "%s", "_links": {"self": {"href": "%d"}}}`, strings.Repeat("x", 1000), offset+i)
		}
		fmt.Fprintf(w, `{"_embedded": {"contents": [%s]}}`, b.String())
	}
	for limits, want := range map[Limits]string{{Bytes: 1 << 20}: "more than 1 MiB in one listing", {Rows: 1000}: "more than 1000 rows in one listing"} {
		c := listingServer(t, Options{Project: "pages", Only: HATEOAS, Limits: limits}, pages)
		if _, err := c.Nodes(context.Background()); !errors.Is(err, ErrTooMuch) || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want one that contains %q", err, want)
		}
	}

	answer := `{"_embedded": {"contents": [{"title": "` + strings.Repeat("x", 1<<20-100) + `", "requested_state": "started"}]}}`
	c := listingServer(t, Options{Limits: Limits{Bytes: 1 << 20}}, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, answer) })
	for range 2 { // each plan has its own
		r := c.Reader().Bounded()
		for i := range 6 {
			_, err := r.Instances(context.Background())
			if i < 3 && err != nil || i == 5 && (!errors.Is(err, ErrTooMuch) || !strings.Contains(err.Error(), "more than 4 MiB in all reads of one plan")) {
				t.Errorf("read %d: got error %v", i+1, err)
			}
		}
	}
	for range 6 {
		if _, err := c.Reader().Instances(context.Background()); err != nil {
			t.Error(err)
		}
	}
}

// A listing that breaks off is read again, and counts once.
func TestBrokenListing(t *testing.T) {
	tries := 0
	c := listingServer(t, Options{Limits: Limits{Bytes: 1 << 20, Reads: 3 << 19}}, func(w http.ResponseWriter, r *http.Request) {
		tries++
		row := `{"_embedded": {"contents": [{"title": "vm", "requested_state": "started", "reference": "` + strings.Repeat("x", 700<<10) + `"}`
		if tries < 3 {
			w.Header().Set("Content-Length", "1000000")
			io.WriteString(w, row)
			return
		}
		io.WriteString(w, row+"]}}")
	})
	list, err := c.Reader().Bounded().Instances(context.Background())
	if err != nil || len(list.Instances) != 1 || tries != 3 {
		t.Errorf("got %v after %d tries", err, tries)
	}
}
