package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"slapstar/proxy"
	"slapstar/slap"
)

// A Master with several projects refuses what names none: they are listed, and the hint says
// where one is named. The only one is taken by itself.
func TestNoProjectHint(t *testing.T) {
	server, err := proxy.Open(proxy.Options{Computer: "local_computer", Profile: proxy.Full, Projects: []string{"PROJ-1", "PROJ-2"}, Products: map[string]string{"kvm": "https://lab.example/kvm/software.cfg"}})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	s := httptest.NewServer(server)
	defer s.Close()
	dir := writeFolder(t, map[string]string{"main.star": `request(product.kvm, "vm")`})
	var c screen
	if code := c.run(context.Background(), "", "--project", "PROJ-2", "--master-url", s.URL+proxy.Full.MasterPath(), "plan", filepath.Join(dir, "main.star")); code != exitDone {
		t.Errorf("with a project: exit code %d\n%s", code, &c.err)
	}
	c = screen{}
	if code := c.run(context.Background(), "", "--master-url", s.URL+proxy.Full.MasterPath(), "plan", filepath.Join(dir, "main.star")); code != exitFailed {
		t.Errorf("exit code %d, want %d", code, exitFailed)
	}
	if want := "there are several projects: PROJ-1, PROJ-2"; !strings.Contains(c.err.String(), want) {
		t.Errorf("got\n%s\nwant in it %s", &c.err, want)
	}
	if want := "\nhint: this Master has projects: project_reference in the configuration names yours, "; !strings.Contains(c.err.String(), want) {
		t.Errorf("got\n%s\nwant in it%s", &c.err, want)
	}
}

// The project of --project goes with what is asked.
func TestProjectFlag(t *testing.T) {
	var got string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/getSoftwareReleaseListFromSoftwareProduct" {
			got = r.URL.Query().Get("project_reference")
		}
		http.NotFound(w, r)
	}))
	defer s.Close()
	dir := writeFolder(t, map[string]string{"main.star": `request(product.kvm, "vm")`})
	var c screen
	c.run(context.Background(), "", "--master-url", s.URL, "--project", "PROJ-9", "plan", filepath.Join(dir, "main.star"))
	if got != "PROJ-9" {
		t.Errorf("got project %q\n%s", got, &c.err)
	}
}

// Whatever a Master means, there is something to do about it; of what is not ready the
// caller knows more.
func TestEachMeaningHasHint(t *testing.T) {
	for m := slap.Unclear + 1; m.String() != ""; m++ {
		if m != slap.NotReady && meaningHints[m] == "" {
			t.Errorf("%q has no hint", m)
		}
	}
}
