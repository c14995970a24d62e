package run

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"slapstar/slap/config"
)

// strangers lays a tree of untrusted files out, and returns its folder.
func strangers(t *testing.T, files map[string]string, links map[string]string) string {
	t.Helper()
	top := t.TempDir()
	for name, text := range files {
		path := filepath.Join(top, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	for name, target := range links {
		path := filepath.Join(top, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.Symlink(target, path)); err != nil {
			t.Fatal(err)
		}
	}
	return top
}

const hostileConfiguration = "[slapos]\nmaster_url = http://stranger.example/\n"

// A configuration of the files does not choose the Master, wherever git says that they
// end, and also where git says nothing.
func TestStrangersConfiguration(t *testing.T) {
	files := map[string]string{
		"repository/slapos.cfg":                     hostileConfiguration,
		"repository/deploy/main.star":               "",
		"repository/home/.slapos/slapos-client.cfg": hostileConfiguration,
		"outside/slapos.cfg":                        "[slapos]\nmaster_url = http://operator.example/\n",
		"outside/home/.slapos/slapos-client.cfg":    "[slapos]\nmaster_url = http://operator.example/\n",
		"repository/deploy/sub/main.star":           "",
		"elsewhere/main.star":                       "",
	}
	const ours = "http://operator.example/"
	for name, test := range map[string]struct {
		files, links map[string]string
		entry, home  string
		given, env   string
		want         string
		refused      bool
	}{
		"no git":              {},
		"a folder .git":       {files: map[string]string{"repository/.git/HEAD": ""}},
		"a damaged .git":      {files: map[string]string{"repository/.git": "nothing"}},
		"a linked .git":       {files: map[string]string{"real/HEAD": ""}, links: map[string]string{"repository/.git": "../real"}},
		"a submodule":         {files: map[string]string{"repository/.git/HEAD": "", "repository/deploy/sub/.git": "gitdir: x"}, entry: "deploy/sub/main.star"},
		"found at home":       {files: map[string]string{"repository/.git/HEAD": ""}, home: "repository/home"},
		"home without a file": {home: "outside/home"}, // what is found first is in the files
		"the variable":        {files: map[string]string{"repository/.git/HEAD": ""}, env: "slapos.cfg"},
		"the variable, ours":  {env: "../outside/slapos.cfg", want: ours},
		"given":               {given: "slapos.cfg", want: "http://stranger.example/"},
		"a linked folder":     {files: map[string]string{"repository/.git/HEAD": ""}, links: map[string]string{"repository/linked": "../elsewhere"}, entry: "linked/main.star", refused: true},
	} {
		t.Run(name, func(t *testing.T) {
			all := map[string]string{}
			for _, m := range []map[string]string{files, test.files} {
				for k, v := range m {
					all[k] = v
				}
			}
			top := strangers(t, all, test.links)
			t.Chdir(filepath.Join(top, "repository"))
			home := filepath.Join(top, "nowhere")
			if test.home != "" {
				home = filepath.Join(top, test.home)
			}
			t.Setenv("HOME", home)
			t.Setenv(config.Variable, test.env)
			entry := "deploy/main.star"
			if test.entry != "" {
				entry = test.entry
			}
			for _, entry := range []string{entry, filepath.Join(top, "repository", entry)} { // both spellings
				settings, err := Connection{File: test.given, Trust: Trust{Untrusted: true}}.Configuration(entry)
				switch {
				case test.refused:
					if !errors.Is(err, ErrRefused) {
						t.Errorf("%s: got %v, want a refusal", entry, err)
					}
				case err != nil:
					t.Errorf("%s: %v", entry, err)
				case settings.MasterURL != test.want:
					t.Errorf("%s: got the Master %q, want %q", entry, settings.MasterURL, test.want)
				}
			}
		})
	}
}

// A link leads the database of an embedded Master nowhere.
func TestStrangersDatabase(t *testing.T) {
	for name, test := range map[string]struct {
		links    map[string]string
		database string
		ok       bool
	}{
		"a file":             {database: "master.sqlite", ok: true},
		"in a linked folder": {links: map[string]string{"repository/data": "../outside"}, database: "data/master.sqlite"},
		"in .git":            {database: ".git/index"},
		"by a link into it":  {links: map[string]string{"repository/data": ".git"}, database: "data/index"},
		"taken over":         {links: map[string]string{"repository/master.sqlite.slapstar": "../outside/x"}, database: "master.sqlite"},
		"its log":            {links: map[string]string{"repository/master.sqlite-wal": "../outside/x"}, database: "master.sqlite"},
		"of the operator":    {database: "../outside/x", ok: true},
	} {
		t.Run(name, func(t *testing.T) {
			top := strangers(t, map[string]string{"repository/.git/HEAD": "", "repository/main.star": "", "outside/x": ""}, test.links)
			t.Chdir(filepath.Join(top, "repository"))
			err := Connection{Trust: Trust{Untrusted: true}}.checkEmbedded("main.star", test.database)
			if test.ok != (err == nil) || !test.ok && !errors.Is(err, ErrRefused) {
				t.Errorf("got %v", err)
			}
		})
	}
}
