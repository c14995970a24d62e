package run

import (
	"context"
	"errors"

	"slapstar/slap"
)

// ListProducts lists the software products of a full Master; of another one those that
// the configuration names, each with its release.
func (m *Master) ListProducts(ctx context.Context) ([]slap.SoftwareProduct, error) {
	list, err := m.Reader().SoftwareProducts(ctx)
	if !errors.Is(err, slap.ErrUnsupported) {
		return list, err
	}
	for _, name := range m.Products {
		list = append(list, slap.SoftwareProduct{Reference: name, Releases: []slap.ProductRelease{{URL: m.settings.Proxy.Products[name]}}})
	}
	return list, nil
}
