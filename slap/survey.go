package slap

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// A Survey is how a full Master answers one of the searches that are made here: of the
// first page, which rows there are and which columns come back.
type Survey struct {
	Search  string // trees, owned, quoted, members, installations, nodes, products, variations, decisions or projects
	Rows    int
	Columns []Column
	Skipped string // why it was not made; empty if it was
	Err     error  // of the search; nil also where it is answered without the columns that fail
}

// A Column is one that a search selects.
type Column struct {
	Name string
	Null int   // rows in which it is null, or is not there
	Odd  int   // rows in which it is in another form than is read here
	May  bool  // it may be null: not everything has it
	Err  error // the search fails with this column, also when it is the only one
}

// A surveyed search is one with its columns.
type surveyed struct {
	name, query string
	columns     []string
	may         []string // of the columns
}

// surveyedSearches are those that are made of a whole account. Installations are searched by node.
var surveyedSearches = []surveyed{
	{"trees", instanceTreeQuery, treeColumns, []string{"sla_xml"}},
	{"members", memberQuery, append(memberColumns[:len(memberColumns):len(memberColumns)], reportColumns...), []string{"aggregate", "aggregate_reference"}},
	{"nodes", allNodeQuery, append(nodeColumns[:len(nodeColumns):len(nodeColumns)], fullNodeColumns...), []string{"allocation_scope"}},
	{"products", softwareProductQuery, productColumns, []string{"title"}},
	{"variations", variationQuery, variationColumns, []string{"title", "reference", "url_string"}},
	{"decisions", upgradeQuery, decisionColumns, []string{"title"}},
	{"projects", projectQuery, projectColumns, []string{"title"}},
}

// mostSurveyed is how many nodes are asked for their software.
const mostSurveyed = 5

// Survey makes the searches of a full Master and tells how they are answered. It reads one
// page of each, and column by column where a search fails. The error wraps
// [ErrUnsupported] on a Master that has no such searches.
func (c *Client) Survey(ctx context.Context) ([]Survey, error) {
	h, err := c.hateoas(ctx)
	if err != nil {
		return nil, err
	}
	if !h.limited() {
		return nil, fmt.Errorf("searches: %w", ErrUnsupported)
	}
	var list []Survey
	for _, s := range surveyedSearches {
		list = append(list, c.survey(ctx, h, s))
		switch s.name {
		case "trees":
			list = append(list, c.surveyTrees(ctx, h)...)
		case "members":
			list = append(list, c.surveySoftware(ctx, h))
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	return list, nil
}

func (c *Client) survey(ctx context.Context, h *hypermedia, s surveyed) Survey {
	result := Survey{Search: s.name, Columns: make([]Column, len(s.columns))}
	for n, name := range s.columns {
		result.Columns[n].Name = name
	}
	for _, name := range s.may {
		for n := range result.Columns {
			result.Columns[n].May = result.Columns[n].May || result.Columns[n].Name == name
		}
	}
	rows, err := c.firstPage(ctx, h, s.query, s.columns)
	if failedForColumns(err) {
		rows, err = c.surveyColumns(ctx, h, s, &result)
	}
	result.Err, result.Rows = err, len(rows)
	for _, row := range rows {
		for n := range result.Columns {
			column := &result.Columns[n]
			switch value := row[column.Name]; {
			case column.Err != nil:
			case !value.known():
				column.Null++
			case !wellFormed(column.Name, value):
				column.Odd++
			}
		}
	}
	return result
}

// surveyColumns finds the columns with which a search fails, and searches without them.
func (c *Client) surveyColumns(ctx context.Context, h *hypermedia, s surveyed, result *Survey) (rows []map[string]cell, err error) {
	if _, err = c.firstPage(ctx, h, s.query, nil); err != nil { // it fails whatever is selected
		return nil, err
	}
	var good []string
	for n, name := range s.columns {
		_, err := c.firstPage(ctx, h, s.query, []string{name})
		switch {
		case err == nil:
			good = append(good, name)
		case failedForColumns(err):
			result.Columns[n].Err = err
		default:
			return nil, err
		}
	}
	return c.firstPage(ctx, h, s.query, good)
}

// surveyTrees asks for trees in the two ways that are used besides: for those of a person,
// and by a name, here one with a quote that there will not be.
func (c *Client) surveyTrees(ctx context.Context, h *hypermedia) []Survey {
	owned := Survey{Search: "owned", Skipped: "the Master does not tell who we are"}
	if query, err := h.ownedQuery(); err == nil && h.me != "" {
		owned = c.survey(ctx, h, surveyed{name: owned.Search, query: instanceTreeQuery + query, columns: []string{"relative_url"}})
	}
	name, err := h.quoted(UserAgent + `"doctor`)
	if err != nil {
		return []Survey{owned, {Search: "quoted", Err: err}}
	}
	return []Survey{owned, c.survey(ctx, h, surveyed{name: "quoted", query: instanceTreeQuery + " AND title:=" + name, columns: []string{"title"}})}
}

// surveySoftware surveys the software of the first nodes together.
func (c *Client) surveySoftware(ctx context.Context, h *hypermedia) Survey {
	s := surveyed{name: "installations", columns: softwareColumns}
	whole := Survey{Search: s.name, Skipped: "there is no compute node to ask about"}
	nodes, err := c.searchNodes(ctx, nodeQuery)
	if err != nil {
		whole.Skipped = "the compute nodes cannot be listed"
		return whole
	}
	for n, node := range nodes {
		quoted, err := h.quoted(node.Reference)
		if n == mostSurveyed || err != nil {
			break
		}
		s.query = softwareQuery + quoted
		one := c.survey(ctx, h, s)
		if one.Err != nil || whole.Columns == nil {
			whole = one
		} else {
			whole.Rows += one.Rows
			for i, column := range one.Columns {
				whole.Columns[i].Null += column.Null
				whole.Columns[i].Odd += column.Odd
				whole.Columns[i].Err = errors.Join(whole.Columns[i].Err, column.Err)
			}
		}
		if whole.Err != nil {
			break
		}
	}
	return whole
}

// firstPage returns the first rows of a search, with each column as it came.
func (c *Client) firstPage(ctx context.Context, h *hypermedia, query string, columns []string) ([]map[string]cell, error) {
	target, err := h.searchURL(query, columns, 0)
	if err != nil {
		return nil, err
	}
	rows, err := fetchRows[map[string]json.RawMessage](ctx, c, target)
	if err != nil {
		return nil, err
	}
	list := make([]map[string]cell, len(rows))
	for n, row := range rows {
		list[n] = make(map[string]cell, len(row))
		for name, value := range row {
			list[n][name] = cell(value)
		}
	}
	return list, nil
}
