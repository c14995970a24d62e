package lock

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slapstar/slap"
)

const digestOfTests = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

// A lock that is written and read has the same facts, a fact a line, in order.
func TestText(t *testing.T) {
	f := &File{}
	f.Set("prod", "kvm", Product{URL: "https://lab.example/kvm/1.0/software.cfg"})
	f.Set("", "web \"2\"", Product{URL: "https://lab.example/web/software.cfg?a=b"})
	f.Set("", "kvm", Product{URL: "https://lab.example/kvm/software.cfg", Schema: digestOfTests,
		Serialisation: map[string]slap.Serialisation{"default": slap.JSONInXML, "a.b": slap.XML}, Shared: map[string]slap.Serialisation{"default": slap.XML}})
	want := head + `
[product.kvm]
url = "https://lab.example/kvm/software.cfg"
schema = "` + digestOfTests + `"
serialisation."a.b" = "xml"
serialisation.default = "json-in-xml"
shared_serialisation.default = "xml"

[product."web \"2\""]
url = "https://lab.example/web/software.cfg?a=b"

[environment.prod.product.kvm]
url = "https://lab.example/kvm/1.0/software.cfg"
`
	if diff := cmp.Diff(want, f.Text()); diff != "" {
		t.Error(diff)
	}
	read, err := Parse(Name, []byte(f.Text()))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(f, read); diff != "" {
		t.Error(diff)
	}
}

func TestTravel(t *testing.T) {
	p := Product{Serialisation: map[string]slap.Serialisation{formerDefault: slap.XML, "web": slap.JSONInXML}, Shared: map[string]slap.Serialisation{"default": slap.JSONInXML}}
	for _, c := range []struct {
		softwareType string
		shared       bool
		want         slap.Serialisation
	}{{"", false, slap.XML}, {"default", false, slap.XML}, {formerDefault, true, slap.JSONInXML}, {"web", false, slap.JSONInXML}, {"web", true, ""}, {"other", false, ""}} {
		if got := p.Travel(c.softwareType, c.shared); got != c.want {
			t.Errorf("%q, shared %t: got %q, want %q", c.softwareType, c.shared, got, c.want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"[product.kvm]\n":                                      "product.kvm.url: want the URL",
		"[product.kvm]\nurl = 3\n":                             "product.kvm.url: want a string",
		"[product.kvm]\nurl = 'https://u:p@lab.example/a'\n":   "without a password",
		"[product.kvm]\nurl = 'a'\nsize = 'b'\n":               "product.kvm.size: unknown key",
		"[product.kvm]\nurl = 'a'\nschema = 'md5:0'\n":         "want sha256:",
		"[product.kvm]\nurl = 'a'\nserialisation.x = 'yaml'":   `want "xml" or "json-in-xml"`,
		"[environment.prod.kvm]\nurl = 'a'\n":                  "environment.prod.kvm: unknown key, want product",
		"product = 3\n":                                        "product: want a table",
		"<<<<<<< HEAD\n[product.kvm]\nurl = 'a'\n=======\n":    "products.lock:1",
		"[product.kvm]\nurl = 'a'\n[product.kvm]\nurl = 'b'\n": "products.lock:",
	} {
		if _, err := Parse(Name, []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("[product.kvm]\nurl = 'https://lab.example/a'\nserialisation.default = 'xml'\n")
	f.Add("[environment.\"a b\".product.kvm]\nurl = 'x'\n")
	f.Fuzz(func(t *testing.T, text string) {
		read, err := Parse(Name, []byte(text))
		if err != nil {
			return
		}
		again, err := Parse(Name, []byte(read.Text()))
		if err != nil {
			t.Fatalf("%q: %v", read.Text(), err)
		}
		if diff := cmp.Diff(read, again); diff != "" {
			t.Error(diff)
		}
	})
}
