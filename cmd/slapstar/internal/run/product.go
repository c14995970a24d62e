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

func (p *Planner) product(ctx context.Context, name string) (string, error) {
	if release, ok := p.products[name]; ok {
		return release, nil
	}
	url, found, err := p.fromLock(name)
	if found {
		p.products[name] = url
	}
	if found || err != nil {
		return url, err
	}
	releases, err := p.ask(ctx, name)
	if err != nil {
		return "", err
	}
	if len(releases) == 0 {
		releases = []string{""}
	}
	p.products[name] = releases[0]
	return releases[0], nil
}

// ask asks the Master for the releases of a product. Their schemas may be fetched.
func (p *Planner) ask(ctx context.Context, product string) ([]string, error) {
	resume := p.master.Wait(p.Watch)
	releases, err := p.master.Product(ctx, product)
	resume()
	if err != nil {
		return nil, err
	}
	p.asked[product] = true
	for _, release := range releases {
		p.master.Allow(p.Schemas, release)
	}
	p.travel.Allowed()
	return releases, nil
}
