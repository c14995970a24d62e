package slap

import (
	"context"
	"fmt"
	"net/url"
	"strings"
)

// A SoftwareInstallation is a software release on a compute node.
type SoftwareInstallation struct {
	SoftwareRelease string // URL
	Computer        string
	State           string // Available or Destroyed
}

// Supply asks for a software release to be on a compute node, or to be removed
// from it. On a full Master only managers of the project may, and what it takes is
// listed later: meanwhile the error of the same call wraps [ErrTaken].
func (c *Client) Supply(ctx context.Context, s SoftwareInstallation) error {
	if s.State == "" {
		s.State = Available
	}
	if c.only == JSONRPC {
		return c.supplyByCall(ctx, s)
	}
	form := url.Values{"url": {s.SoftwareRelease}, "computer_id": {s.Computer}, "state": {s.State}}
	if c.project != "" {
		form.Set("project_reference", c.project)
	}
	answer, err := c.post(ctx, call{name: "supplySupply", manages: true, project: c.project != ""}, form)
	if err == nil && looksLikeHTML(answer) {
		return &ContentError{URL: c.endpoint("supplySupply"), Want: "a short text", Message: describeBody(answer)}
	}
	return err
}

// SoftwareInstallations lists the software of a compute node. The error wraps
// [ErrNotFound] when a slapproxy does not know the node; other Masters then
// answer an empty list. Kept to the legacy interface it is that of [Client.Orders].
func (c *Client) SoftwareInstallations(ctx context.Context, computer string) ([]SoftwareInstallation, error) {
	return firstOf(ctx, c, "SoftwareInstallations",
		func(ctx context.Context) ([]SoftwareInstallation, error) { return c.softwareByCall(ctx, computer) },
		func(ctx context.Context) ([]SoftwareInstallation, error) { return c.searchSoftware(ctx, computer) },
		func(ctx context.Context) ([]SoftwareInstallation, error) {
			orders, err := c.Orders(ctx, computer)
			if err != nil {
				return nil, err
			}
			return orders.Software, nil
		})
}

func (c *Client) softwareByCall(ctx context.Context, computer string) ([]SoftwareInstallation, error) {
	type row struct {
		SoftwareReleaseURI string `json:"software_release_uri"`
		State              string
	}
	rows, err := callList[row](ctx, c, "allDocs.v0.compute_node_software_installation_list", map[string]string{"computer_guid": computer})
	if err != nil {
		return nil, err
	}
	list := make([]SoftwareInstallation, len(rows))
	for i, row := range rows {
		list[i] = SoftwareInstallation{SoftwareRelease: row.SoftwareReleaseURI, Computer: computer, State: row.State}
	}
	return list, nil
}

const softwareQuery = `portal_type:"Software Installation" AND validation_state:validated AND default_aggregate_reference:=`

// searchSoftware asks the full Master. A slapproxy does not understand the query.
func (c *Client) searchSoftware(ctx context.Context, computer string) ([]SoftwareInstallation, error) {
	h, err := c.hateoas(ctx)
	if err != nil {
		return nil, err
	}
	if !h.limited() || strings.Contains(computer, `"`) {
		return nil, fmt.Errorf("searching the software of %q: %w", computer, ErrUnsupported)
	}
	type row struct {
		URLString *string `json:"url_string"`
		State     *string `json:"slap_state"`
	}
	rows, err := searchAll[row](ctx, c, h, softwareQuery+`"`+computer+`"`, "url_string", "slap_state")
	if err != nil {
		return nil, err
	}
	list := make([]SoftwareInstallation, len(rows))
	for i, r := range rows {
		if r.URLString == nil || r.State == nil {
			return nil, fmt.Errorf("searching the software of %q: the Master leaves out the release or the state: %w", computer, ErrUnsupported)
		}
		list[i] = SoftwareInstallation{SoftwareRelease: *r.URLString, Computer: computer, State: Available}
		if plainState(*r.State) == Destroyed {
			list[i].State = Destroyed
		}
	}
	return list, nil
}
