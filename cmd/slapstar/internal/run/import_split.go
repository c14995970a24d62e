package run

import (
	"cmp"
	"fmt"
	"path"
	"strings"

	"slapstar/engine"
	"slapstar/slap"
)

// A Split says to which of several files something belongs, by a word of which the name of
// the file is made; empty: there is none.
type Split func(r engine.Resource, computer string) string

// Splits are the ways in which files are split, by the value of the flag.
func Splits() map[string]Split {
	return map[string]Split{
		"by-product": func(r engine.Resource, _ string) string {
			switch r := r.(type) {
			case *engine.Instance:
				return productOf(r.Product, r.SoftwareRelease)
			case *engine.Software:
				return productOf(r.Product, r.SoftwareRelease)
			}
			return ""
		},
		"by-node": func(_ engine.Resource, computer string) string { return computer },
	}
}

// productOf is the product of a release, or the folder that the release is in, which is
// named so: …/software/kvm/software.cfg.
func productOf(product, release string) string {
	if product != "" {
		return product
	}
	base := path.Base(path.Dir(release))
	if base == "." || base == "/" {
		return ""
	}
	return base
}

// names returns the name of the file of a resource: no two words share one, however they
// are written.
func (s Split) names(entry string, state *engine.State) func(engine.Resource) string {
	files, taken := map[string]string{}, map[string]bool{strings.ToLower(entry): true, "main.star": true}
	return func(r engine.Resource) string {
		word := s(r, nodeOf(r, state))
		if name, ok := files[word]; ok {
			return name
		}
		base := strings.Trim(strings.Map(func(c rune) rune {
			if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' {
				return c
			}
			return '-'
		}, word), "-")
		if base == "" {
			base = "others"
		}
		name := base + ".star"
		for n := 2; taken[strings.ToLower(name)]; n++ {
			name = fmt.Sprintf("%s-%d.star", base, n)
		}
		taken[strings.ToLower(name)] = true
		files[word] = name
		return name
	}
}

// nodeOf is the node of software, or that on which an instance is.
func nodeOf(r engine.Resource, state *engine.State) string {
	switch r := r.(type) {
	case *engine.Software:
		return r.Computer
	case *engine.Instance:
		return cmp.Or(state.Instances[r.Name].Computer, r.SLA[slap.SLAComputer])
	}
	return ""
}
