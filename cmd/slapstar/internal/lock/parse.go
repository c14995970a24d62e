package lock

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"slapstar/internal/datafile"
	"slapstar/slap"
)

// Parse reads a lock. An error names the file, and what of it was not understood: a lock
// that is read by half would let a product move unseen.
func Parse(name string, data []byte) (*File, error) {
	v, err := datafile.ParseAs(".toml", name, data)
	if err != nil {
		return nil, err
	}
	r := &reader{}
	f := &File{}
	top := r.table(v, "")
	r.known(top, "", "product", "environment")
	r.products(f, "", "product", top["product"])
	for environment, v := range r.table(top["environment"], "environment") {
		at := "environment." + key(environment)
		table := r.table(v, at)
		r.known(table, at, "product")
		r.products(f, environment, at+".product", table["product"])
	}
	if r.wrong != "" {
		return nil, fmt.Errorf("%s: %s", name, r.wrong)
	}
	return f, nil
}

// A reader keeps the first mistake in the order of the alphabet, so that the same file has
// the same error.
type reader struct{ wrong string }

func (r *reader) fail(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); r.wrong == "" || text < r.wrong {
		r.wrong = text
	}
}

func (r *reader) table(v any, at string) map[string]any {
	if v == nil {
		return nil
	}
	o, ok := v.(*datafile.Object)
	if !ok {
		r.fail("%s: want a table", at)
		return nil
	}
	return o.Values
}

func (r *reader) known(table map[string]any, at string, names ...string) {
next:
	for name := range table {
		for _, known := range names {
			if name == known {
				continue next
			}
		}
		r.fail("%s: unknown key, want %s", strings.TrimPrefix(at+"."+key(name), "."), strings.Join(names, ", "))
	}
}

func (r *reader) text(v any, at string) string {
	text, ok := v.(string)
	if v != nil && !ok {
		r.fail("%s: want a string", at)
	}
	return text
}

func (r *reader) products(f *File, environment, at string, v any) {
	for name, v := range r.table(v, at) {
		at := at + "." + key(name)
		table := r.table(v, at)
		r.known(table, at, "url", "schema", "serialisation", "shared_serialisation")
		p := Product{
			URL:           r.text(table["url"], at+".url"),
			Schema:        r.text(table["schema"], at+".schema"),
			Serialisation: r.types(table["serialisation"], at+".serialisation"),
			Shared:        r.types(table["shared_serialisation"], at+".shared_serialisation"),
		}
		if u, err := url.Parse(p.URL); err != nil || p.URL == "" || u.User != nil || strings.ContainsAny(p.URL, " \t\r\n") {
			r.fail("%s.url: want the URL of a software release, without a password", at)
		}
		if p.Schema != "" && !digest.MatchString(p.Schema) {
			r.fail("%s.schema: want sha256: and 64 digits", at)
		}
		f.Set(environment, name, p)
	}
}

var digest = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

func (r *reader) types(v any, at string) map[string]slap.Serialisation {
	table := r.table(v, at)
	if len(table) == 0 {
		return nil
	}
	types := map[string]slap.Serialisation{}
	for softwareType, v := range table {
		at := at + "." + key(softwareType)
		switch said := slap.Serialisation(r.text(v, at)); said {
		case slap.XML, slap.JSONInXML:
			types[softwareType] = said
		default:
			r.fail("%s: want %q or %q", at, slap.XML, slap.JSONInXML)
		}
	}
	return types
}
