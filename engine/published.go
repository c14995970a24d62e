package engine

import (
	"maps"
	"slices"
)

// A Published is something that the Master had of an instance, and that the files asked
// for: see [Reference].
type Published struct {
	Instance string
	Kind     Kind
	Key      string
	Path     Path
	JSON     bool // the value is JSON, and no text
	Value    string
}

// reference is what the value was asked for with.
func (p Published) reference() Reference {
	return Reference{Instance: p.Instance, Kind: p.Kind, Key: p.Key, Path: p.Path, JSON: p.JSON}
}

// shortestPublished is how long a published value has to be, in bytes, for its
// appearance in a parameter to say that it came from there.
const shortestPublished = 4

// WithPublished returns a Config in which values of parameters that an instance has
// published are references to it again: a file that is written from it follows them,
// and does not hold them.
func (c *Config) WithPublished() *Config {
	x, sources := valueIndex{}, map[string]Reference{}
	for _, known := range c.Published {
		if len(known.Value) >= shortestPublished {
			x.add(known.Value, known.Instance)
			sources[known.Value] = known.reference()
		}
	}
	if len(x) == 0 {
		return c
	}
	referring := *c
	referring.Resources = nil
	for _, r := range c.Resources {
		if i, ok := r.(*Instance); ok && len(i.Parameters) > 0 {
			other := *i
			other.Parameters = make(map[string]Text, len(i.Parameters))
			for key, text := range i.Parameters {
				other.Parameters[key] = x.refer(text, i.Name, sources)
			}
			r = &other
		}
		referring.Resources = append(referring.Resources, r)
	}
	return &referring
}

// refer replaces values by references, the longest first, but for those of
// the instance itself. A credential says itself where it comes from.
func (x valueIndex) refer(t Text, own string, sources map[string]Reference) Text {
	if t == nil {
		return nil
	}
	var parts []Text
	for _, p := range t {
		if c := p.Credential; c != nil && !c.Requested && !c.Leaf && c.Instance != own {
			parts = append(parts, Refer(Reference{Instance: c.Instance, Key: c.Key}))
			continue
		}
		if d := p.Derived; d != nil {
			parts = append(parts, Text{{Derived: &Derivation{Function: d.Function, Of: x.refer(d.Of, own, sources)}}})
			continue
		}
		if p.Reference != nil || p.hidden() || p.Quoted != nil {
			parts = append(parts, Text{p})
			continue
		}
		parts = append(parts, x.split(p.Literal, own, sources)...)
	}
	return Join(parts...)
}

func (x valueIndex) split(s, own string, sources map[string]Reference) []Text {
	lengths := slices.Sorted(maps.Keys(x))
	slices.Reverse(lengths)
	for _, n := range lengths {
		for i := 0; i+n <= len(s); i++ {
			value := s[i : i+n]
			if ref, ok := sources[value]; ok && len(x[n][value]) > 0 && ref.Instance != own {
				return slices.Concat(x.split(s[:i], own, sources), []Text{Refer(ref)}, x.split(s[i+n:], own, sources))
			}
		}
	}
	return []Text{Literal(s)}
}

// publishedBy indexes the values that are wanted, with the instance as the name of
// each.
func publishedBy(list []Published, wanted func(Published) bool) valueIndex {
	x := valueIndex{}
	for _, known := range list {
		if len(known.Value) >= shortestPublished && wanted(known) {
			x.add(known.Value, known.Instance)
		}
	}
	return x
}
