package main

import (
	"context"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"slapstar/proxy"
)

// A Master with projects refuses what names none: the hint says where one is named.
func TestNoProjectHint(t *testing.T) {
	server, err := proxy.Open(proxy.Options{Computer: "local_computer", Profile: proxy.Full})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	s := httptest.NewServer(server)
	defer s.Close()
	dir := writeFolder(t, map[string]string{"main.star": `request(product.kvm, "vm")`})
	var c screen
	if code := c.run(context.Background(), "", "--master-url", s.URL+proxy.Full.MasterPath(), "plan", filepath.Join(dir, "main.star")); code != exitFailed {
		t.Errorf("exit code %d, want %d", code, exitFailed)
	}
	if want := "\nhint: this Master has projects: project_reference in the configuration names yours\n"; !strings.HasSuffix(c.err.String(), want) {
		t.Errorf("got\n%s\nwant at the end%s", &c.err, want)
	}
}
