package slap

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// An InstanceList is what one bulk read of a Master answers.
type InstanceList struct {
	Instances map[string]Instance // by name, those that were read whole
	Partial   map[string]bool     // the names whose attributes have yet to be read, one call each

	// SharedStateLost is set for a slapproxy: it takes any state of a shared
	// instance, keeps none, and says "started". JSON-RPC alone does not tell.
	SharedStateLost bool

	// Full is set for a full Master, which refuses a person some changes of what
	// exists. JSON-RPC alone does not tell.
	Full bool

	// CreateSerially is set if instances that are created at the same time may be lost.
	// A slapproxy loses them, so it is set for every Master that may be one. The
	// embedded Master names itself in the header Server.
	CreateSerially bool
}

const instanceTreeQuery = `portal_type:"Instance Tree" AND validation_state:validated`

// Instances reads the whole account in as few requests as the Master allows: a
// search on a slapproxy, two searches page by page on the full Master, and
// elsewhere the list of names.
func (c *Client) Instances(ctx context.Context) (*InstanceList, error) {
	list, err := firstOf(ctx, c, "Instances", c.searchInstances, c.namesOnly)
	if err == nil {
		list.CreateSerially = !list.Full && !c.ours.Load()
	}
	return list, err
}

func (c *Client) searchInstances(ctx context.Context) (*InstanceList, error) {
	h, err := c.hateoas(ctx)
	if err != nil {
		return nil, err
	}
	if h.limited() {
		list, err := c.searchTrees(ctx, h)
		if status, ok := errors.AsType[*StatusError](err); c.only == Any && ok && (meansNoSuchCall(err) || status.Code == http.StatusInternalServerError) {
			if names, other := c.namesOnly(ctx); !errors.Is(other, ErrUnsupported) {
				if other == nil {
					names.Full = true
				}
				return names, other // not every user may search
			}
		}
		return list, err
	}
	rows, err := searchAll[searchRow](ctx, c, h, instanceTreeQuery, "title", "url_string")
	if status, ok := errors.AsType[*StatusError](err); ok && status.Code == http.StatusInternalServerError && c.only == Any {
		// A slapproxy fails like this once the host of a destroyed shared instance is
		// freed: the record of the shared one is left.
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

// A searchRow is one row of a search of a slapproxy, the columns that are read
// here. It answers all columns for a plain instance and only the first two for a
// shared one, whatever was selected.
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

// A treeRow is one row of a search of the full Master for instance trees. A
// column that it does not know or allow is null.
type treeRow struct {
	Title      string
	URLString  *string         `json:"url_string"`
	Type       *string         `json:"source_reference"`
	Parameters *string         `json:"text_content"`
	SLA        *string         `json:"sla_xml"`
	State      *string         `json:"slap_state"`
	Shared     json.RawMessage `json:"root_slave"`
}

// A memberRow is one row of a search of the full Master for instances.
type memberRow struct {
	Title      string
	Reference  string
	Tree       string    `json:"specialise_title"`
	State      string    `json:"slap_state"`
	Connection exactDict `json:"getConnectionXmlAsDict"`
}

const memberQuery = `portal_type:("Software Instance", "Slave Instance") AND validation_state:validated`

// searchTrees reads the account from the full Master: what was asked for of each
// tree in one search, what its root instance published in another. A tree of
// which a column is missing, without a root instance, or with a name that there
// is twice, is partial.
func (c *Client) searchTrees(ctx context.Context, h *hypermedia) (*InstanceList, error) {
	trees, roots, err := c.searchWhole(ctx, h, instanceTreeQuery, memberQuery)
	if err != nil {
		return nil, err
	}
	list := &InstanceList{Instances: make(map[string]Instance, len(trees)), Partial: map[string]bool{}, Full: true}
	for title, t := range trees {
		root, published := roots[title]
		if !published || root == nil || t == nil || !t.complete() {
			list.Partial[title] = true
			continue
		}
		if list.Instances[title], err = t.instance(root); err != nil {
			return nil, fmt.Errorf("instance %q: %w", title, err)
		}
	}
	return list, nil
}

// searchWhole makes the two searches. A name that there is twice has a nil row.
func (c *Client) searchWhole(ctx context.Context, h *hypermedia, treeQuery, memberQuery string) (map[string]*treeRow, map[string]*memberRow, error) {
	trees, err := searchAll[treeRow](ctx, c, h, treeQuery,
		"title", "url_string", "source_reference", "text_content", "sla_xml", "slap_state", "root_slave")
	if err != nil {
		return nil, nil, err
	}
	members, err := searchAll[memberRow](ctx, c, h, memberQuery, "title", "reference", "specialise_title", "slap_state", "getConnectionXmlAsDict")
	if err != nil {
		return nil, nil, err
	}
	treeOf := make(map[string]*treeRow, len(trees))
	for i, t := range trees {
		if _, twice := treeOf[t.Title]; twice {
			treeOf[t.Title] = nil
			continue
		}
		treeOf[t.Title] = &trees[i]
	}
	rootOf := make(map[string]*memberRow, len(trees))
	for i, m := range members {
		// An instance to be destroyed may be a remainder of an old tree whose name a
		// new one has taken.
		if m.Title != m.Tree || m.Connection == nil || plainState(m.State) == Destroyed {
			continue
		}
		if _, twice := rootOf[m.Title]; twice {
			rootOf[m.Title] = nil
			continue
		}
		rootOf[m.Title] = &members[i]
	}
	return treeOf, rootOf, nil
}

// searchInstance reads one tree as searchTrees does. One without a root instance
// has published nothing yet.
func (c *Client) searchInstance(ctx context.Context, h *hypermedia, name string) (Instance, error) {
	quoted := `"` + name + `"`
	trees, roots, err := c.searchWhole(ctx, h, instanceTreeQuery+" AND title:="+quoted, memberQuery+" AND default_specialise_title:="+quoted)
	if err != nil {
		return Instance{}, err
	}
	t, exists := trees[name]
	root, published := roots[name]
	switch {
	case !exists:
		return Instance{}, fmt.Errorf("instance %q: %w", name, ErrNotFound)
	case t == nil, published && root == nil:
		return Instance{}, fmt.Errorf("instance %q: there are two of this name: %w", name, ErrUnsupported)
	case !t.complete():
		return Instance{}, fmt.Errorf("instance %q: the search leaves out some of its attributes: %w", name, ErrUnsupported)
	case root == nil:
		root = &memberRow{}
	}
	i, err := t.instance(root)
	if err != nil {
		return Instance{}, fmt.Errorf("instance %q: %w", name, err)
	}
	return i, nil
}

func (t treeRow) complete() bool {
	return t.URLString != nil && t.Type != nil && t.Parameters != nil && t.State != nil &&
		slapStates[*t.State] != "" && len(t.Shared) > 0 && string(t.Shared) != "null"
}

func (t treeRow) instance(root *memberRow) (Instance, error) {
	parameters, err := ParseParameters(*t.Parameters)
	if err != nil {
		return Instance{}, fmt.Errorf("parameters: %w", err)
	}
	connection, err := texts(root.Connection)
	if err != nil {
		return Instance{}, fmt.Errorf("connection parameters: %w", err)
	}
	i := Instance{GUID: root.Reference, Root: t.Title, SLAKnown: t.SLA != nil, ConnectionParameters: connection, InstanceRequest: InstanceRequest{
		Name:            t.Title,
		SoftwareRelease: *t.URLString,
		SoftwareType:    *t.Type,
		State:           plainState(*t.State),
		Shared:          truth(t.Shared),
		Parameters:      parameters,
	}}
	if t.SLA != nil {
		if i.SLA, err = ParseParameters(*t.SLA); err != nil {
			return Instance{}, fmt.Errorf("SLA: %w", err)
		}
	}
	return i, nil
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
	rows, err := callList[struct{ Title string }](ctx, c, "allDocs.v0.instance_tree_list", struct{}{})
	if err != nil {
		return nil, err
	}
	titles := make([]string, len(rows))
	for i, row := range rows {
		titles[i] = row.Title
	}
	return titles, nil
}
