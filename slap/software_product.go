package slap

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
)

// A SoftwareProduct is what a project of a full Master lets one ask for. An instance gets
// a place only if a product of its project has its release and its type.
type SoftwareProduct struct {
	Reference string
	Title     string
	Project   string // reference
	Releases  []ProductRelease
	Types     []string // names of software types, sorted
}

// A ProductRelease is a release variation of a product.
type ProductRelease struct {
	URL   string
	Title string
}

// The queries of products, and of what they have. Portal types and columns were read in
// the Master's source; the queries were never tried.
const (
	softwareProductQuery = `portal_type:"Software Product" AND validation_state:("validated", "published")`
	variationQuery       = `portal_type:("Software Product Release Variation", "Software Product Type Variation")`
	typeVariation        = "Software Product Type Variation"
)

// SoftwareProducts lists the products that we may see, those of the client's project if
// it has one, by reference, in two searches. An empty list may also mean that we may see
// none. The error wraps [ErrUnsupported] on a Master that has none.
func (c *Client) SoftwareProducts(ctx context.Context) ([]SoftwareProduct, error) {
	h, err := c.hateoas(ctx)
	if err != nil {
		return nil, err
	}
	if !h.limited() {
		return nil, fmt.Errorf("software products: %w", ErrUnsupported)
	}
	type productRow struct {
		Title, Reference cell
		Path             cell    `json:"relative_url"`
		Project          cell    `json:"getFollowUpReference"`
		Links            rowLink `json:"_links"`
	}
	rows, err := searchAll[productRow](ctx, c, h, softwareProductQuery, "title", "reference", "relative_url", "getFollowUpReference")
	if err != nil {
		return nil, err
	}
	products := map[string]*SoftwareProduct{}
	for _, r := range rows {
		p := &SoftwareProduct{}
		p.Title, _ = r.Title.text()
		p.Reference, _ = r.Reference.text()
		p.Project, _ = r.Project.text()
		document, _ := r.Path.text()
		if c.project == "" || p.Project == "" || p.Project == c.project {
			products[cmp.Or(document, r.Links.path())] = p
		}
	}
	if err := c.addVariations(ctx, h, products); err != nil {
		return nil, err
	}
	list := make([]SoftwareProduct, 0, len(products))
	for _, p := range products {
		slices.Sort(p.Types)
		slices.SortFunc(p.Releases, func(a, b ProductRelease) int { return cmp.Compare(a.URL, b.URL) })
		list = append(list, *p)
	}
	slices.SortFunc(list, func(a, b SoftwareProduct) int {
		return cmp.Or(cmp.Compare(a.Reference, b.Reference), cmp.Compare(a.Title, b.Title))
	})
	return list, nil
}

// addVariations adds releases and types to the products that contain them.
func (c *Client) addVariations(ctx context.Context, h *hypermedia, products map[string]*SoftwareProduct) error {
	type variationRow struct {
		Title, Reference cell
		PortalType       cell    `json:"portal_type"`
		URL              cell    `json:"url_string"`
		Path             cell    `json:"relative_url"`
		Links            rowLink `json:"_links"`
	}
	rows, err := searchAll[variationRow](ctx, c, h, variationQuery, "title", "reference", "portal_type", "url_string", "relative_url")
	if err != nil {
		return err
	}
	for _, r := range rows {
		document, _ := r.Path.text()
		p := products[path.Dir(cmp.Or(document, r.Links.path()))]
		if p == nil {
			continue
		}
		title, _ := r.Title.text()
		url, _ := r.URL.text()
		if kind, _ := r.PortalType.text(); kind == typeVariation {
			reference, _ := r.Reference.text()
			p.Types = append(p.Types, cmp.Or(title, reference))
		} else if url != "" {
			p.Releases = append(p.Releases, ProductRelease{URL: url, Title: title})
		}
	}
	return nil
}
