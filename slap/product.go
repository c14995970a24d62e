package slap

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
)

// Product returns the software releases of a product, the best first. It is
// empty when the Master knows no such product. A full Master wants to know the
// project: that of the client, or the only one; otherwise the error wraps [ErrNoProject].
func (c *Client) Product(ctx context.Context, name string) ([]string, error) {
	const endpoint = "getSoftwareReleaseListFromSoftwareProduct"
	query := url.Values{"software_product_reference": {name}}
	if c.project != "" {
		query.Set("project_reference", c.project)
	}
	answer, err := c.get(ctx, call{name: endpoint, noProject: c.project == ""}, query)
	if errors.Is(err, ErrNoProject) && c.project == "" {
		if _, other := c.Full(ctx); other != nil {
			return nil, err
		}
		project, other := c.projectFor(ctx, "")
		if other != nil || project == "" {
			return nil, cmp.Or(other, err)
		}
		query.Set("project_reference", project)
		answer, err = c.get(ctx, call{name: endpoint}, query)
	}
	if err != nil {
		return nil, err
	}
	list, err := decodeMarshal[[]any](c, endpoint, answer)
	if err != nil {
		return nil, err
	}
	releases := make([]string, 0, len(list))
	for _, item := range list {
		release, ok := item.(string)
		if !ok {
			return nil, &ContentError{URL: c.endpoint(endpoint), Want: "a list of URLs", Message: fmt.Sprintf("a %T in it", item)}
		}
		releases = append(releases, release)
	}
	return releases, nil
}
