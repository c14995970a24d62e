package proxy

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCatalogQuery(t *testing.T) {
	for text, want := range map[string]catalogQuery{
		treeQuery: {types: []string{"Instance Tree"}},
		`portal_type:("Software Instance", "Slave Instance") AND validation_state:validated AND default_specialise_title:="a"`: {
			types: []string{"Software Instance", "Slave Instance"}, conditions: []condition{{"default_specialise_title", []string{"a"}}}},
		`title:="a \"b\" AND c" AND portal_type:"Computer" AND uid:12`: {
			types: []string{"Compute Node"}, conditions: []condition{{"title", []string{`a "b" AND c`}}, {"uid", []string{"12"}}}},
		`portal_type:"Upgrade Decision" AND simulation_state:(planned OR "confirmed",started )`: {
			types: []string{"Upgrade Decision"}, conditions: []condition{{"simulation_state", []string{"planned", "confirmed", "started"}}}},
		`portal_type:"Instance Tree" AND validation_state:archived`: {types: []string{"Instance Tree"}, nothing: true},
	} {
		got, ok := parseCatalogQuery(text)
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(catalogQuery{}, condition{})); !ok || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", text, ok, diff)
		}
	}
	for _, text := range []string{"", "x", `portal_type:`, `portal_type:"x`, `portal_type:("x"`, `title:="a"`, `portal_type:"x" OR title:"y"`, `portal_type:"x" AND `,
		`portal_type:"x" AND title:"a\"`, `portal_type:"x" AND portal_type:"y"`, `portal_type:"x"y`, `(portal_type:"x")`} {
		if got, ok := parseCatalogQuery(text); ok {
			t.Errorf("%s: got %+v, want none", text, got)
		}
	}
}

// A name is found by the query that quotes it, whatever is in it.
func FuzzCatalogQuery(f *testing.F) {
	for _, name := range []string{"", "a", `a "b"`, `" AND portal_type:"x`, "a, b)", "é\n", `a\\b`} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		parseCatalogQuery(name)
		if strings.Contains(name, `\`) { // there is no way to write one before a quote
			return
		}
		query := treeQuery + ` AND title:="` + strings.ReplaceAll(name, `"`, `\"`) + `"`
		got, ok := parseCatalogQuery(query)
		if want := []condition{{"title", []string{name}}}; !ok || !cmp.Equal(want, got.conditions, cmp.AllowUnexported(condition{})) {
			t.Errorf("%s: got %+v, %v", query, got, ok)
		}
	})
}
