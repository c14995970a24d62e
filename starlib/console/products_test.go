package console

import (
	"context"
	"errors"
	"strings"
	"testing"

	"slapstar/slap"
)

// products() lists what there is, with releases and types.
func TestProducts(t *testing.T) {
	var fail error
	with := func(list []slap.SoftwareProduct) *Session {
		s := testSession(t, present())
		s.options.Products = func(context.Context) ([]slap.SoftwareProduct, error) { return list, fail }
		return s
	}
	s := with([]slap.SoftwareProduct{{Reference: "kvm", Title: "Machines", Project: "PROJ-1", Releases: []slap.ProductRelease{{URL: "https://a/1"}, {URL: "https://a/2"}}, Types: []string{"cluster", "default"}}, {Reference: "none"}})
	for entry, want := range map[string]string{
		"len(products())":              "2",
		"[p.name for p in products()]": `["kvm", "none"]`,
		"products()[0].releases":       `["https://a/1", "https://a/2"]`,
		"products()[0].types":          `["cluster", "default"]`,
		"products()[0].title":          `"Machines"`,
		"products()[0].project":        `"PROJ-1"`,
		"products()[1]":                `struct(name = "none", project = "", releases = [], title = "", types = [])`,
		"request(products()[0].releases[1], 'new').getSoftwareRelease()": `"https://a/2"`,
	} {
		if got, err := enter(s, entry); err != nil || got != want {
			t.Errorf("%s: got %s, %v, want %s", entry, got, err, want)
		}
	}
	if got, err := enter(s, "products()"); err != nil || strings.Count(got, "\n") != 3 {
		t.Errorf("a line each: got %s, %v", got, err)
	}
	fail = errors.New("no answer")
	if _, err := enter(s, "products()"); err == nil || !strings.Contains(err.Error(), "products: no answer") {
		t.Errorf("got %v", err)
	}
	if got, err := enter(testSession(t, present()), "products()"); err != nil || got != "[]" {
		t.Errorf("nobody lists them: got %s, %v", got, err)
	}
}
