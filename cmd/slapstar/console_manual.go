package main

import (
	"context"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/slap/release"
	"slapstar/starlib/console"
)

// A manual is what the schemas at hand say of software releases.
type manual struct {
	schemas  *release.Schemas // which do not use the network
	products *productCache
}

var _ console.Manual = (*manual)(nil)

// Release implements [console.Manual].
func (m *manual) Release(ctx context.Context, location string) (*release.Schema, error) {
	schema, err := m.schemas.Release(ctx, location)
	return schema, run.HintSchema(err)
}

// Properties implements [console.Manual].
func (m *manual) Properties(ctx context.Context, t release.Type, path ...string) ([]release.Property, error) {
	list, err := m.schemas.Properties(ctx, t, path...)
	return list, run.HintSchema(err)
}

// Best implements [console.Manual]. The Master is asked as for other names, and no longer.
func (m *manual) Best(product string) string {
	ctx, cancel := context.WithTimeout(context.Background(), namesWait)
	defer cancel()
	location, _ := m.products.release(ctx, product)
	return location
}
