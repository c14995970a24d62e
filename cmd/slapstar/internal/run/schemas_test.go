package run

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"slapstar/slap/release"
	"slapstar/starlib"
	"slapstar/starlib/lang"
)

// What a saved plan calls a product allows no host. It does when the Master says so, too.
func TestProductsOfASavedPlan(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	asked := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		w.Write([]byte(`{"serialisation": "json-in-xml", "software-type": {"default": {"request": "in.json", "response": "out.json"}}}`))
	}))
	defer s.Close()
	product := s.URL + "/kvm/software.cfg"
	for name, configured := range map[string]string{"another": "https://lab.example/kvm/software.cfg", "the same": product} {
		dir := t.TempDir()
		config := "[slapos]\nmaster_url = embedded:master.sqlite\n[slapproxy]\nsoftware_product_list =\n  kvm " + configured + "\n"
		if err := os.WriteFile(filepath.Join(dir, "slapos.cfg"), []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, "main.star")
		if err := os.WriteFile(file, []byte(`request(product.kvm, "vm", {"cpus": [1]})`), 0o600); err != nil {
			t.Fatal(err)
		}
		m, err := Connection{}.InMemory(file, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		p := NewPlanner(m, starlib.Inputs{Source: lang.Source{File: file}})
		p.Schemas = &release.Schemas{Policy: release.Policy{Master: s.URL}} // without the products of the configuration
		p.products["kvm"] = product                                         // as a saved plan has it
		asked = 0
		_, _, err = p.Plan(context.Background())
		if works := name == "the same"; works != (err == nil) || works != (asked == 1) {
			t.Errorf("%s: got error %v after %d requests", name, err, asked)
		}
	}
}

// A saved plan does not lead out of the working folder.
func TestPlanRoot(t *testing.T) {
	top := t.TempDir()
	here := filepath.Join(top, "here")
	if err := os.MkdirAll(filepath.Join(here, "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(top, filepath.Join(here, "link")); err != nil {
		t.Fatal(err)
	}
	t.Chdir(here)
	for _, test := range []struct{ file, entry, want string }{
		{"main.star", "main.star", "."}, {"sub/main.star", "main.star", "sub"}, {"sub/main.star", "sub/main.star", "."}, {"sub/../sub/main.star", "main.star", "sub"},
		{"/etc/main.star", "main.star", "."}, {"../main.star", "main.star", "."}, {"link/main.star", "main.star", "."}, {"none/main.star", "main.star", "."}, {"main.star", "other.star", "."},
	} {
		if got := planRoot(test.file, test.entry); got != test.want {
			t.Errorf("%s, %s: got %q, want %q", test.file, test.entry, got, test.want)
		}
	}
}

func TestHintSchema(t *testing.T) {
	err := HintSchema(fmt.Errorf("reading: %w", &release.RefusedHostError{Host: "lab.example"}))
	if lang.HintOf(err) == "" || lang.HintOf(HintSchema(errors.New("other"))) != "" {
		t.Errorf("got the hint %q", lang.HintOf(err))
	}
}
