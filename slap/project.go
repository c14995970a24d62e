package slap

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// A Project is one of a full Master: instances, nodes and products are in one each.
type Project struct {
	Reference string // as project_reference and an SLA name it, such as PROJ-1
	Title     string
}

const projectQuery = `portal_type:"Project" AND validation_state:validated`

var projectColumns = []string{"title", "reference"}

// Projects lists the projects that we may see, by reference. The error wraps
// [ErrUnsupported] on a Master that has none. The query follows those of other kinds
// of documents; it was never tried.
func (c *Client) Projects(ctx context.Context) ([]Project, error) {
	h, err := c.hateoas(ctx)
	if err != nil {
		return nil, err
	}
	if !h.limited() {
		return nil, fmt.Errorf("projects: %w", ErrUnsupported)
	}
	rows, err := searchAll[struct{ Title, Reference cell }](ctx, c, h, projectQuery, projectColumns...)
	if err != nil {
		return nil, err
	}
	list := []Project{}
	for _, row := range rows {
		var p Project
		p.Reference, _ = row.Reference.text()
		p.Title, _ = row.Title.text()
		if p.Reference != "" {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b Project) int { return cmp.Compare(a.Reference, b.Reference) })
	return slices.Compact(list), nil
}

// Project returns the reference of the project that the client works in; empty if none
// was named.
func (c *Client) Project() string { return c.project }
