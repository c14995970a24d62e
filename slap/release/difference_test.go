package release_test

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slapstar/slap"
	"slapstar/slap/release"
)

// mirror makes a folder of schemas.
func mirror(t *testing.T, files map[string]string) *release.Schemas {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, "lab.example", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return &release.Schemas{Dir: dir}
}

var twoReleases = map[string]string{
	"1/software.cfg.json": `{"serialisation": "xml", "software-type": {"default": {"request": "in.json"}, "old": {"request": "in.json"}}}`,
	"1/in.json":           `{"type": "object", "properties": {"size": {"type": "integer", "default": 1}, "gone": {"type": "string"}, "net": {"$ref": "net.json"}}}`,
	"1/net.json":          `{"type": "object", "properties": {"port": {"type": "integer"}}}`,
	"2/software.cfg.json": `{"serialisation": "json-in-xml", "software-type": {"default": {"request": "in.json"}, "new": {"title": "New", "request": "in.json"}}}`,
	"2/in.json":           `{"type": "object", "required": ["size"], "properties": {"size": {"type": "string"}, "net": {"$ref": "net.json"}, "list": {"type": "array", "items": {"type": "object", "properties": {"name": {"enum": ["a", "b"]}}}}}}`,
	"2/net.json":          `{"type": "object", "properties": {"port": {"type": "integer"}, "host": {"type": "string"}}}`,
}

func TestDifferences(t *testing.T) {
	s := mirror(t, twoReleases)
	got, err := s.Differences(context.Background(), "https://lab.example/1/software.cfg", "https://lab.example/2/software.cfg")
	if err != nil {
		t.Fatal(err)
	}
	want := []release.Difference{
		{"default", false, "", "changed", "serialisation xml", "serialisation json-in-xml"},
		{"default", false, "gone", "removed", "string", ""},
		{"default", false, "list", "added", "", "array"},
		{"default", false, "list[].name", "added", "", `any, of ["a","b"]`},
		{"default", false, "net.host", "added", "", "string"},
		{"default", false, "size", "changed", "integer, default 1", "string, required"},
		{"new", false, "", "added", "", "New"},
		{"old", false, "", "removed", "old", ""},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if _, err := s.Differences(context.Background(), "https://lab.example/1/software.cfg", "https://lab.example/3/software.cfg"); !errors.Is(err, slap.ErrNotFound) {
		t.Errorf("a release without a schema: got %v", err)
	}
}

// The fingerprint is of all files that count, wherever they lie.
func TestFingerprint(t *testing.T) {
	const first = "https://lab.example/1/software.cfg"
	of := func(files map[string]string, release string) string {
		t.Helper()
		sum, err := mirror(t, files).Fingerprint(context.Background(), release)
		if err != nil {
			t.Fatal(err)
		}
		return sum
	}
	was := of(twoReleases, first)
	changed, moved := maps.Clone(twoReleases), map[string]string{}
	changed["1/net.json"] = `{"type": "object"}`
	for name, text := range twoReleases {
		moved["copy/"+name] = text
	}
	if now := of(changed, first); now == was {
		t.Error("a schema that another one refers to has changed, and the fingerprint has not")
	}
	if now := of(moved, "https://lab.example/copy/1/software.cfg"); now != was {
		t.Errorf("a copy has another fingerprint: %s, want %s", now, was)
	}
	delete(changed, "1/in.json")
	if sum, err := mirror(t, changed).Fingerprint(context.Background(), first); err == nil {
		t.Errorf("without a schema: got %s, want an error", sum)
	}
}
