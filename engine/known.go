package engine

import (
	"maps"
	"slices"
)

// Resolve returns a Config in which the references that lookup knows are filled
// in, as an evaluation of the same files would find them now.
func (c *Config) Resolve(lookup Lookup) *Config {
	resolved := *c
	resolved.Resources = nil
	given := map[Published]bool{}
	for _, known := range c.Published {
		given[known] = true
	}
	resolved.Published = slices.Clone(c.Published)
	note := func(t Text) {
		for _, r := range t.References() {
			if known, ok := lookup.published(r); ok && known.LooksCredential() && !given[known] {
				given[known] = true
				resolved.Published = append(resolved.Published, known)
			}
		}
	}
	for _, r := range c.Resources {
		if i, ok := r.(*Instance); ok && len(i.Parameters)+len(i.SLALater) > 0 {
			filled := *i
			filled.resolveSLA(lookup)
			for _, text := range i.SLALater {
				note(text)
			}
			filled.Parameters = make(map[string]Text, len(i.Parameters))
			for key, text := range i.Parameters {
				filled.Parameters[key] = text.Resolve(lookup)
				note(text)
			}
			r = &filled
		}
		resolved.Resources = append(resolved.Resources, r)
	}
	return &resolved
}

// resolveSLA fills in what lookup knows of the SLA.
func (i *Instance) resolveSLA(lookup Lookup) {
	if len(i.SLALater) == 0 {
		return
	}
	later := i.SLALater
	i.SLA, i.SLALater, i.SLASources = cloned(i.SLA), map[string]Text{}, cloned(i.SLASources)
	for key, t := range later {
		t = t.Resolve(lookup)
		value, known := t.Known()
		if !known {
			i.SLALater[key] = t
			continue
		}
		i.SLA[key] = value
		if t.HasSources() {
			i.SLASources[key] = t
		}
	}
}

// cloned is a map that can be written to.
func cloned[V any](m map[string]V) map[string]V {
	if m == nil {
		return map[string]V{}
	}
	return maps.Clone(m)
}

// WithReferences returns a Config that also reads the instances whose
// connection parameters its parameters refer to.
func (c *Config) WithReferences() *Config {
	all := *c
	seen := map[string]bool{}
	for _, name := range c.Reads {
		seen[name] = true
	}
	all.Reads = append([]string(nil), c.Reads...)
	for _, i := range c.Instances() {
		for _, r := range i.references() {
			if !seen[r.Instance] {
				seen[r.Instance] = true
				all.Reads = append(all.Reads, r.Instance)
			}
		}
	}
	return &all
}
