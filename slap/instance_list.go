package slap

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// An InstanceList is what one bulk read of a Master answers.
type InstanceList struct {
	Instances map[string]Instance // by name, those that were read whole
	Partial   map[string]bool     // the names whose attributes have yet to be read, one call each

	// SharedStateLost is set for a slapproxy: it takes any state of a shared
	// instance, keeps none, and says "started". JSON-RPC alone does not tell.
	SharedStateLost bool

	// Of a full Master alone. Owner is who "mine" is, empty where the Master does not tell:
	// then all that it lists is in Instances. Elsewhere are ours in other projects than
	// that of the client, if it has one: their names are taken all the same. Odd is what
	// is not as it should be.
	Owner     string
	Project   string // of the client; empty: none was named
	Elsewhere map[string]Instance
	Odd       []Oddity

	// Full is set for a full Master, which refuses a person some changes of what
	// exists. JSON-RPC alone does not tell.
	Full bool

	// CreateSerially is set if instances that are created at the same time may be lost.
	// A slapproxy loses them, so it is set for every Master that may be one. The
	// embedded Master names itself in the header Server.
	CreateSerially bool
}

// Instances reads the whole account in as few requests as the Master allows: a
// search on a slapproxy, two searches page by page on the full Master, and
// elsewhere the list of names. Those of other people, whom a full Master shows to
// managers, are left out: for them there is [Client.AllInstances].
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
		if c.only == Any && (errors.Is(err, errOwners) || errors.Is(err, errOwnerColumn)) { // JSON-RPC tells of ours alone
			if names, other := c.namesOnly(ctx); other == nil {
				names.Full, names.Owner = true, h.me
				return names, nil
			}
		}
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

// searchTrees reads the account from the full Master: what was asked for of each tree in
// one search, of its instances in another. A tree of which something is missing, or
// with a name that there is twice, is partial.
func (c *Client) searchTrees(ctx context.Context, h *hypermedia) (*InstanceList, error) {
	r, err := c.readTrees(ctx, h, instanceTreeQuery, memberQuery)
	if err != nil {
		return nil, err
	}
	list := &InstanceList{Instances: make(map[string]Instance, len(r.trees)), Partial: map[string]bool{}, Elsewhere: map[string]Instance{}, Full: true, Owner: h.me, Project: c.project}
	mine, twice := r.mine(c.project, list.Elsewhere)
	for _, t := range mine {
		if t.whole() {
			list.Instances[t.Name] = t.Instance
		} else {
			list.Partial[t.Name] = true
		}
	}
	list.Odd = r.oddities(mine)
	for _, name := range twice {
		list.Partial[name] = true
		list.Odd = append(list.Odd, Oddity{Kind: OddDuplicate, Name: name})
	}
	return list, nil
}

// mine returns the trees of a reading that are ours, and the names of which there are two.
// Those of another project than ours, if that is named, are put into elsewhere. Of two
// trees of one name the one that is not being destroyed counts.
func (r *reading) mine(project string, elsewhere map[string]Instance) (mine []*tree, twice []string) {
	byName := make(map[string][]*tree, len(r.trees))
	names := make([]string, 0, len(r.trees))
	for _, t := range r.trees {
		if !t.mine {
			continue
		}
		if byName[t.Name] == nil {
			names = append(names, t.Name)
		}
		byName[t.Name] = append(byName[t.Name], t)
	}
	for _, name := range names {
		found := byName[name]
		if len(found) > 1 {
			found = slices.DeleteFunc(slices.Clone(found), func(t *tree) bool { return t.State == Destroyed })
		}
		switch {
		case len(found) != 1:
			twice = append(twice, name)
		case project != "" && found[0].Project != "" && found[0].Project != project:
			elsewhere[name] = found[0].Instance
		default:
			mine = append(mine, found[0])
		}
	}
	return mine, twice
}

// AllInstances lists all instance trees that the Master lets us see, with their owners
// and projects, by name: also those of others, of other projects, and several of one
// name. What is not as it should be comes with them. The error wraps [ErrUnsupported] on
// a Master that has no owners.
func (c *Client) AllInstances(ctx context.Context) ([]Instance, []Oddity, error) {
	h, err := c.hateoas(ctx)
	if err != nil {
		return nil, nil, err
	}
	if !h.limited() {
		return nil, nil, fmt.Errorf("the instances of all persons: %w", ErrUnsupported)
	}
	r, err := c.readTrees(ctx, h, instanceTreeQuery, memberQuery)
	if err != nil {
		return nil, nil, err
	}
	list := make([]Instance, len(r.trees))
	for n, t := range r.trees {
		list[n] = t.Instance
	}
	slices.SortStableFunc(list, func(a, b Instance) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Owner, b.Owner)) })
	return list, r.oddities(r.trees), nil
}

// searchInstance reads one tree as searchTrees does. One without a root instance
// has published nothing yet.
func (c *Client) searchInstance(ctx context.Context, h *hypermedia, name string) (Instance, error) {
	quoted, err := h.quoted(name)
	if err != nil {
		return Instance{}, err
	}
	r, err := c.readTrees(ctx, h, instanceTreeQuery+" AND title:="+quoted, memberQuery+" AND default_specialise_title:="+quoted)
	if err != nil {
		return Instance{}, err
	}
	elsewhere := map[string]Instance{}
	mine, twice := r.mine(c.project, elsewhere)
	if slices.Contains(twice, name) {
		return Instance{}, &duplicateError{name}
	}
	if other, ok := elsewhere[name]; ok {
		return Instance{}, &OtherProjectError{Name: name, Project: other.Project, Wanted: c.project}
	}
	for _, t := range mine {
		switch {
		case t.Name != name:
			continue
		case len(t.missing) > 0:
			return Instance{}, fmt.Errorf("instance %q: the Master does not tell its %s: %w", name, strings.Join(t.missing, ", "), ErrUnsupported)
		case t.wrong != nil:
			return Instance{}, fmt.Errorf("instance %q: %w", name, t.wrong)
		}
		return t.Instance, nil
	}
	return Instance{}, fmt.Errorf("instance %q: %w", name, ErrNotFound)
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
