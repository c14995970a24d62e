package document

import "slapstar/engine"

// newMore is a boundary, and those further down, but for their places.
func newMore(b *engine.Boundary) *More {
	r := b.Reference
	m := &More{Instance: r.Instance, Kind: r.Kind, Key: r.Key, Path: r.Path, Secret: b.Secret, Use: b.Use}
	for _, other := range b.Also {
		m.Also = append(m.Also, *newMore(&other))
	}
	return m
}

// place adds the places, and what was left out.
func (m *More) place(b *engine.Boundary) {
	m.Origin = newOrigin(b.Origin)
	for i, other := range b.Also {
		m.Also[i].Origin = newOrigin(other.Origin)
	}
	for _, left := range b.Left {
		m.Left = append(m.Left, Left{left.Name, left.Rest, newOrigin(engine.Origin{Stack: []engine.Frame{{Position: left.Position}}})})
	}
}

// restore is the boundary again; nil stays nil.
func (m *More) restore() *engine.Boundary {
	if m == nil {
		return nil
	}
	b := &engine.Boundary{Reference: engine.Reference{Instance: m.Instance, Kind: m.Kind, Key: m.Key, Path: m.Path}, Secret: m.Secret, Use: m.Use, Origin: m.Origin.origin()}
	for _, other := range m.Also {
		b.Also = append(b.Also, *other.restore())
	}
	for _, left := range m.Left {
		b.Left = append(b.Left, engine.Left{Position: left.Origin.origin().Position(), Name: left.Name, Rest: left.Rest})
	}
	return b
}
