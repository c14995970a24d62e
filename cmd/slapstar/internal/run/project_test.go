package run

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slapstar/starlib/lang"
)

const oneEnvironment = "environment(\"prod\", entry = \"main.star\")\n"

func layFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func lookup(folder string, trust Trust) Lookup {
	return Lookup{Folder: folder, Trust: trust, Source: func(s lang.Source) lang.Source { return s }, Version: "v1.0.0"}
}

// A project file counts up to the root of the repository. Of what is untrusted the root of
// the files is never above them.
func TestFindProject(t *testing.T) {
	dir := layFiles(t, map[string]string{
		"slapstar.star":             oneEnvironment,
		"plain/deep/main.star":      "",
		"repository/.git/HEAD":      "",
		"repository/envs/main.star": "",
		"own/.git/HEAD":             "",
		"own/slapstar.star":         oneEnvironment,
		"own/envs/main.star":        "",
		"own/module/.git":           "gitdir: elsewhere\n",
		"own/module/main.star":      "",
	})
	untrusted := Trust{Untrusted: true}
	for _, test := range []struct {
		folder string
		trust  Trust
		root   string // empty: there is no project
	}{
		{"plain/deep", Trust{}, "."},
		{"plain/deep", untrusted, ""},
		{".", untrusted, "."},
		{"repository/envs", Trust{}, ""},
		{"own/envs", Trust{}, "own"},
		{"own/envs", untrusted, "own"},
		{"own/module", Trust{}, ""},
		{"own/module", untrusted, ""},
	} {
		p, err := FindProject(t.Context(), lookup(filepath.Join(dir, test.folder), test.trust))
		if err != nil {
			t.Errorf("%s: %v", test.folder, err)
			continue
		}
		got := ""
		if p != nil {
			if got, err = filepath.Rel(dir, p.Root); err != nil {
				t.Fatal(err)
			}
			if p.Withheld != test.trust.Untrusted || p.Withheld == (len(p.Environments) > 0) {
				t.Errorf("%s, %v: withheld is %t, with %d environments", test.folder, test.trust, p.Withheld, len(p.Environments))
			}
		}
		if got != test.root {
			t.Errorf("%s, %v: got the root %q, want %q", test.folder, test.trust, got, test.root)
		}
	}
}

// Somebody else's project file is passed over outside of a repository, and refused in one
// that git does not trust.
func TestProjectOfOthers(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root gives files away")
	}
	dir := layFiles(t, map[string]string{"slapstar.star": oneEnvironment, "deep/main.star": ""})
	if err := os.Chown(filepath.Join(dir, "slapstar.star"), 12345, 12345); err != nil {
		t.Fatal(err)
	}
	if p, err := FindProject(t.Context(), lookup(filepath.Join(dir, "deep"), Trust{})); p != nil || err != nil {
		t.Errorf("outside of a repository: got %v, %v", p, err)
	}
	t.Setenv("SUDO_UID", "12345")
	if p, err := FindProject(t.Context(), lookup(filepath.Join(dir, "deep"), Trust{})); p == nil || err != nil {
		t.Errorf("of who called sudo: got %v, %v", p, err)
	}
	t.Setenv("SUDO_UID", "")
	if err := os.MkdirAll(filepath.Join(dir, ".git"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := FindProject(t.Context(), lookup(filepath.Join(dir, "deep"), Trust{})); err == nil || !strings.Contains(err.Error(), "belongs to somebody else") {
		t.Errorf("in a repository: got %v", err)
	}
}

// A link that leads out of the root is no project file.
func TestLinkedProject(t *testing.T) {
	dir := layFiles(t, map[string]string{"elsewhere.star": oneEnvironment, "project/main.star": ""})
	if err := os.Symlink("../elsewhere.star", filepath.Join(dir, "project", "slapstar.star")); err != nil {
		t.Fatal(err)
	}
	if _, err := FindProject(t.Context(), lookup(filepath.Join(dir, "project"), Trust{})); err == nil {
		t.Error("it is read")
	}
}

// The same Master is known by its address, its file, its project and the certificate.
func TestIdentity(t *testing.T) {
	dir := layFiles(t, map[string]string{
		"a.pem":   "certificate",
		"b.pem":   "certificate",
		"c.pem":   "another",
		"a.cfg":   "[slapos]\nmaster_url = https://Master.example/\n[slapconsole]\ncert_file = DIR/a.pem\nkey_file = DIR/a.pem\n",
		"b.cfg":   "[slapos]\nmaster_url = https://master.example\n[slapconsole]\ncert_file = DIR/b.pem\nkey_file = DIR/b.pem\n",
		"c.cfg":   "[slapos]\nmaster_url = https://master.example\n[slapconsole]\ncert_file = DIR/c.pem\nkey_file = DIR/c.pem\n",
		"p.cfg":   "[slapos]\nmaster_url = https://master.example\nproject_reference = PROJ-1\n[slapconsole]\ncert_file = DIR/a.pem\nkey_file = DIR/a.pem\n",
		"e.cfg":   "[slapos]\nmaster_url = embedded:m.sqlite\n",
		"f/e.cfg": "[slapos]\nmaster_url = embedded:../m.sqlite\n",
		"g/e.cfg": "[slapos]\nmaster_url = embedded:m.sqlite\n",
		"none":    "[slapos]\ncomputer_id = x\n",
	})
	t.Setenv("SLAPOS_CLIENT_CONFIGURATION", filepath.Join(dir, "none"))
	identity := func(cfg string) string {
		t.Helper()
		path := filepath.Join(dir, cfg)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(text), "DIR", dir)), 0o600); err != nil {
			t.Fatal(err)
		}
		id, err := Connection{File: path}.Identity("main.star")
		if err != nil {
			t.Fatalf("%s: %v", cfg, err)
		}
		return id
	}
	for _, test := range []struct {
		a, b string
		same bool
	}{
		{"a.cfg", "b.cfg", true},
		{"a.cfg", "c.cfg", false},
		{"a.cfg", "p.cfg", false},
		{"e.cfg", "f/e.cfg", true},
		{"e.cfg", "g/e.cfg", false},
		{"a.cfg", "e.cfg", false},
	} {
		if got := identity(test.a) == identity(test.b); got != test.same {
			t.Errorf("%s and %s: the same is %t", test.a, test.b, got)
		}
	}
	if id := identity("none"); id != "" {
		t.Errorf("without a Master: got %q", id)
	}
}
