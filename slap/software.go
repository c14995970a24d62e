package slap

import (
	"context"
	"fmt"
	"net/url"
)

// A SoftwareInstallation is a software release on a compute node.
type SoftwareInstallation struct {
	SoftwareRelease string // URL
	Computer        string
	State           string // Available or Destroyed
	Status          Status // what the node reported last; known on a full Master alone, where it was searched
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
	byCall := func(ctx context.Context) ([]SoftwareInstallation, error) { return c.softwareByCall(ctx, computer) }
	search := func(ctx context.Context) ([]SoftwareInstallation, error) { return c.searchSoftware(ctx, computer) }
	orders := func(ctx context.Context) ([]SoftwareInstallation, error) {
		orders, err := c.Orders(ctx, computer)
		if err != nil {
			return nil, err
		}
		return orders.Software, nil
	}
	if c.knownFull() { // which tells over HATEOAS more
		return firstOf(ctx, c, "SoftwareInstallations of a full Master", mayNot(search), byCall, orders)
	}
	return firstOf(ctx, c, "SoftwareInstallations", byCall, search, orders)
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

// searchSoftware asks the full Master. A slapproxy does not understand the query. Of a
// release that is to go and has been asked for again, the new wish counts.
func (c *Client) searchSoftware(ctx context.Context, computer string) ([]SoftwareInstallation, error) {
	h, err := c.hateoas(ctx)
	if err != nil {
		return nil, err
	}
	if !h.limited() {
		return nil, fmt.Errorf("searching the software of %q: %w", computer, ErrUnsupported)
	}
	quoted, err := h.quoted(computer)
	if err != nil {
		return nil, err
	}
	type softwareRow struct {
		URL   cell `json:"url_string"`
		State cell `json:"slap_state"`
		News  cell `json:"SoftwareInstallation_getNewsDict"`
	}
	const news = "SoftwareInstallation_getNewsDict"
	columns := []string{"url_string", "slap_state", news}
	if c.noReports.Load() {
		columns = columns[:2]
	}
	rows, err := searchAll[softwareRow](ctx, c, h, softwareQuery+quoted, columns...)
	if failedForColumns(err) && len(columns) > 2 {
		rows, err = searchAll[softwareRow](ctx, c, h, softwareQuery+quoted, columns[:2]...)
	}
	if err != nil {
		return nil, err
	}
	at := map[string]int{}
	list := []SoftwareInstallation{}
	for _, r := range rows {
		release, ok := r.URL.text()
		state, told := r.State.text()
		if !ok || !told {
			return nil, fmt.Errorf("searching the software of %q: the Master leaves out the release or the state: %w", computer, ErrUnsupported)
		}
		s := SoftwareInstallation{SoftwareRelease: release, Computer: computer, State: Available, Status: newsStatus(r.News)}
		if plainState(state) == Destroyed {
			s.State = Destroyed
		}
		switch n, twice := at[release]; {
		case !twice:
			at[release] = len(list)
			list = append(list, s)
		case s.State == Available:
			list[n] = s
		}
	}
	return list, nil
}
