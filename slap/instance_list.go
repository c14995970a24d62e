package slap

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// An InstanceList is what one bulk read of a Master answers.
type InstanceList struct {
	Instances map[string]Instance // by name, those that were read whole
	Partial   map[string]bool     // the names whose attributes have yet to be read, one call each

	// SharedStateLost is set for a slapproxy: it takes any state of a shared
	// instance, keeps none, and says "started".
	SharedStateLost bool
}

const instanceTreeQuery = `portal_type:"Instance Tree" AND validation_state:validated`

// A searchRow is one row of a search, the columns that are read here. A
// slapproxy answers all columns for a plain instance and only the first two
// for a shared one, whatever was selected.
type searchRow struct {
	Title             string
	URLString         string  `json:"url_string"`
	RequestedState    *string `json:"requested_state"`
	SoftwareType      string  `json:"software_type"`
	XML               string
	ConnectionXML     string `json:"connection_xml"`
	ComputerReference string `json:"computer_reference"`
	Reference         string
}

// Instances reads the whole account in as few requests as the Master allows:
// one search where that gives the columns and is known to be complete, the
// list of names otherwise.
//
// A search that takes a limit (the full Master's, 10 rows unless told) may be
// cut and does not carry connection parameters; it is not used.
func (c *Client) Instances(ctx context.Context) (*InstanceList, error) {
	if c.only == Legacy {
		return nil, fmt.Errorf("listing instances over the legacy interface: %w", ErrUnsupported)
	}
	h, err := c.hateoas(ctx)
	switch {
	case err != nil:
		return nil, err
	case h == nil || h.limited() || c.only == JSONRPC:
		return c.namesOnly(ctx)
	}
	rows, err := searchAll[searchRow](ctx, c, h, instanceTreeQuery, "title", "url_string")
	var status *StatusError
	if errors.As(err, &status) && status.Code == http.StatusInternalServerError {
		// A slapproxy fails so once the host of a destroyed shared instance is
		// freed: the record of the shared one stays behind.
		list, err := c.namesOnly(ctx)
		if err == nil {
			list.SharedStateLost = true
		}
		return list, err
	}
	if err != nil {
		return nil, err
	}
	return listRows(rows)
}

func listRows(rows []searchRow) (*InstanceList, error) {
	list := &InstanceList{Instances: make(map[string]Instance, len(rows)), Partial: map[string]bool{}, SharedStateLost: true}
	for _, row := range rows {
		if row.RequestedState == nil {
			// Plain rows come first, and where a plain and a shared instance
			// have one name (slapproxy allows it) the plain one is meant.
			if _, ok := list.Instances[row.Title]; !ok {
				list.Partial[row.Title] = true
			}
			continue
		}
		parameters, err := ParseParameters(row.XML)
		if err != nil {
			return nil, fmt.Errorf("instance %q: parameters: %w", row.Title, err)
		}
		connection, err := ParseParameters(row.ConnectionXML)
		if err != nil {
			return nil, fmt.Errorf("instance %q: connection parameters: %w", row.Title, err)
		}
		list.Instances[row.Title] = Instance{
			InstanceRequest: InstanceRequest{
				Name:            row.Title,
				SoftwareRelease: row.URLString,
				SoftwareType:    row.SoftwareType,
				State:           *row.RequestedState,
				Parameters:      parameters,
			},
			ConnectionParameters: connection,
			Computer:             row.ComputerReference,
			Partition:            row.Reference,
		}
	}
	return list, nil
}

func (c *Client) namesOnly(ctx context.Context) (*InstanceList, error) {
	titles, err := c.instanceTitles(ctx)
	if err != nil {
		return nil, err
	}
	list := &InstanceList{Instances: map[string]Instance{}, Partial: make(map[string]bool, len(titles))}
	for _, title := range titles {
		list.Partial[title] = true
	}
	return list, nil
}

// instanceTitles lists the names of the account's root instances.
func (c *Client) instanceTitles(ctx context.Context) ([]string, error) {
	var answer struct {
		ResultList *[]struct{ Title string } `json:"result_list"`
	}
	const method = "allDocs.v0.instance_tree_list"
	if err := c.call(ctx, method, struct{}{}, &answer); err != nil {
		return nil, err
	}
	if answer.ResultList == nil {
		return nil, &ContentError{URL: c.endpoint("slapos." + method), Want: "a result_list", Message: "JSON without one"}
	}
	titles := make([]string, len(*answer.ResultList))
	for i, row := range *answer.ResultList {
		titles[i] = row.Title
	}
	return titles, nil
}
