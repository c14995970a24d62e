package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"slapstar/proxy"
)

// What is tried again is said, on standard error.
func TestRetriesAreSaid(t *testing.T) {
	server, err := proxy.Open(proxy.Options{Computer: "local_computer", Simulator: proxy.DefaultSimulator{}})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	var busy atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if !isRead(req.Method+" "+req.URL.Path) && busy.Add(1) <= 2 {
			http.Error(w, "come back later", http.StatusServiceUnavailable)
			return
		}
		server.ServeHTTP(w, req)
	}))
	defer s.Close()
	dir := writeFolder(t, map[string]string{"main.star": `request("https://lab.example/vm/software.cfg", "vm")`})
	var c screen
	code := c.run(context.Background(), "", "--master-url", s.URL, "apply", "--auto-approve", filepath.Join(dir, "main.star"))
	if code != 0 || strings.Count(c.err.String(), "slapstar: trying again in ") != 2 || !strings.Contains(c.err.String(), "come back later") {
		t.Errorf("exit code %d\n%s", code, &c.err)
	}
}
