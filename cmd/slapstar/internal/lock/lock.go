// Package lock reads and writes products.lock: which software release each product stands
// for, so that all who plan the same files plan the same releases.
//
// The file is TOML with one fact a line, sorted, so that two branches that lock different
// products merge by themselves:
//
//	[product.kvm]
//	url = "https://lab.example/kvm/software.cfg"
//	schema = "sha256:…"
//	serialisation.default = "json-in-xml"
//
//	[environment.prod.product.kvm]
//	url = "https://lab.example/kvm/1.0/software.cfg"
//
// The package knows no Master and no files: it makes text of facts, and facts of text.
package lock

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"slapstar/slap"
)

// Name is the name of the file, beside the project file or else the entry file.
const Name = "products.lock"

// A File is what a lock says: products by name, by the name of the environment. The
// environment without a name is that of files which no project names.
type File struct {
	Environments map[string]map[string]Product
}

// A Product is what a lock says of one product.
type Product struct {
	URL    string // of its software release
	Schema string // "sha256:" and the digest of its schema files; empty: they were not had

	// How the parameters of its software types travel, by type; empty: no schema says it.
	Serialisation, Shared map[string]slap.Serialisation
}

// formerDefault is what the default type was called, see [release.Schema.Type].
const formerDefault = "RootSoftwareInstance"

// Travel is how parameters of a software type travel; empty: the lock does not say it.
func (p Product) Travel(softwareType string, shared bool) slap.Serialisation {
	said := p.Serialisation
	if shared {
		said = p.Shared
	}
	if softwareType == "" || softwareType == formerDefault {
		softwareType = slap.DefaultType
	}
	if found := said[softwareType]; found != "" || softwareType != slap.DefaultType {
		return found
	}
	return said[formerDefault]
}

// Same reports whether two are the same in all that a lock says.
func (p Product) Same(other Product) bool {
	return p.URL == other.URL && p.Schema == other.Schema && maps.Equal(p.Serialisation, other.Serialisation) && maps.Equal(p.Shared, other.Shared)
}

// Set puts a product into an environment.
func (f *File) Set(environment, name string, p Product) {
	if f.Environments == nil {
		f.Environments = map[string]map[string]Product{}
	}
	if f.Environments[environment] == nil {
		f.Environments[environment] = map[string]Product{}
	}
	f.Environments[environment][name] = p
}

// head begins a lock.
const head = "# The software releases that products stand for, as slapstar lock found them. Plans take\n" +
	"# them from here; slapstar lock --update NAME takes another one, and slapstar lock --check\n" +
	"# says what has moved.\n"

// Text writes a lock: the same facts make the same text.
func (f *File) Text() string {
	var b strings.Builder
	b.WriteString(head)
	for _, environment := range slices.Sorted(maps.Keys(f.Environments)) {
		table := "product"
		if environment != "" {
			table = "environment." + key(environment) + ".product"
		}
		products := f.Environments[environment]
		for _, name := range slices.Sorted(maps.Keys(products)) {
			p := products[name]
			fmt.Fprintf(&b, "\n[%s.%s]\nurl = %s\n", table, key(name), quote(p.URL))
			if p.Schema != "" {
				fmt.Fprintf(&b, "schema = %s\n", quote(p.Schema))
			}
			writeTypes(&b, "serialisation", p.Serialisation)
			writeTypes(&b, "shared_serialisation", p.Shared)
		}
	}
	return b.String()
}

func writeTypes(b *strings.Builder, name string, types map[string]slap.Serialisation) {
	for _, softwareType := range slices.Sorted(maps.Keys(types)) {
		fmt.Fprintf(b, "%s.%s = %s\n", name, key(softwareType), quote(string(types[softwareType])))
	}
}

// bare is a key that TOML takes without quotes.
var bare = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

func key(s string) string {
	if bare.MatchString(s) {
		return s
	}
	return quote(s)
}

// quote writes a string of TOML, which reads the escapes of JSON. DEL, which JSON does not
// escape, TOML does not take.
func quote(s string) string {
	data, _ := json.Marshal(s) // a string can be marshalled
	return strings.ReplaceAll(string(data), "\x7f", `\u007f`)
}
