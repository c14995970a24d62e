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
	rows, err := searchAll[struct{ Title, Reference cell }](ctx, c, h, projectQuery, "title", "reference")
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

// A ProjectsError is that the Master has several projects and none was named.
type ProjectsError struct{ Projects []Project }

func (e *ProjectsError) Error() string {
	const most = 10
	names := ""
	for i, p := range e.Projects {
		if i == most {
			return fmt.Sprintf("there are several projects: %s and %d more", names, len(e.Projects)-most)
		}
		if i > 0 {
			names += ", "
		}
		names += oneLine(p.Reference)
		if p.Title != "" && p.Title != p.Reference {
			names += " (" + oneLine(p.Title) + ")"
		}
	}
	return "there are several projects: " + names
}
func (e *ProjectsError) Unwrap() error    { return ErrNoProject }
func (e *ProjectsError) meaning() Meaning { return NoProject }

// projectFor returns the project of a request: the one that is named, that of the client,
// or, on a full Master, the only one that we may see; else it is empty, and the Master
// guesses. The error is a [*ProjectsError] when there are several.
func (c *Client) projectFor(ctx context.Context, named string) (string, error) {
	if named = cmp.Or(named, c.project); named != "" || !c.knownFull() {
		return named, nil
	}
	list, err := c.projects(ctx)
	switch {
	case err != nil: // it is not known
		return "", ctx.Err()
	case len(list) > 1:
		return "", &ProjectsError{list}
	case len(list) == 1:
		return list[0].Reference, nil
	}
	return "", nil
}

// projects is Projects, once a client.
func (c *Client) projects(ctx context.Context) ([]Project, error) {
	c.askingProjects.Lock()
	defer c.askingProjects.Unlock()
	if c.knownProjects == nil {
		list, err := c.Projects(ctx)
		if err != nil {
			return nil, err
		}
		c.knownProjects = list
	}
	return c.knownProjects, nil
}
