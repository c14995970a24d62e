package slap

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

const (
	instanceTreeQuery = `portal_type:"Instance Tree" AND validation_state:validated`
	memberQuery       = `portal_type:("Software Instance", "Slave Instance") AND validation_state:validated`
)

// A treeRow is one row of a search of the full Master for instance trees.
type treeRow struct {
	Title       cell
	RelativeURL cell `json:"relative_url"`
	URLString   cell `json:"url_string"`
	Type        cell `json:"source_reference"`
	Parameters  cell `json:"text_content"`
	SLA         cell `json:"sla_xml"`
	State       cell `json:"slap_state"`
	Shared      cell `json:"root_slave"`
	Owner       cell `json:"getDestinationSection"`
	Project     cell `json:"getFollowUpReference"`

	Links rowLink `json:"_links"`
}

var treeColumns = []string{"title", "relative_url", "url_string", "source_reference", "text_content", "sla_xml", "slap_state", "root_slave",
	"getDestinationSection", "getFollowUpReference"}

func (r treeRow) path() string {
	path, _ := r.RelativeURL.text()
	return cmp.Or(path, r.Links.path())
}

// A tree is an instance tree of a full Master with what was read of it.
type tree struct {
	Instance
	mine    bool     // and not somebody else's
	missing []string // columns of which the Master does not tell
	wrong   error    // what cannot be read
	root    *member  // nil: there is none, or several
	double  bool     // there are several root instances
}

// A reading is all that a search of the full Master found.
type reading struct {
	trees []*tree
	odd   []Oddity
}

// readTrees searches instance trees, and their instances in a second search.
func (c *Client) readTrees(ctx context.Context, h *hypermedia, treeQuery, memberQuery string) (*reading, error) {
	rows, err := searchAll[treeRow](ctx, c, h, treeQuery, treeColumns...)
	if err != nil {
		return nil, err
	}
	members, err := c.searchMembers(ctx, h, memberQuery)
	if err != nil {
		return nil, err
	}
	r := &reading{}
	byPath := make(map[string]*tree, len(rows))
	for _, row := range rows {
		if t := r.tree(row); t != nil {
			byPath[t.Document] = t
		}
	}
	if err := c.owners(ctx, h, r, treeQuery); err != nil {
		return nil, err
	}
	r.join(byPath, members)
	if len(members) > 0 && !slices.ContainsFunc(members, func(m member) bool { return m.Status.Kind != StatusUnknown || m.Allocation != AllocationUnknown }) {
		r.odd = append(r.odd, Oddity{Kind: OddReports})
	}
	return r, nil
}

// tree adds one tree; nil if the row has no name.
func (r *reading) tree(row treeRow) *tree {
	t := &tree{}
	t.Document = row.path()
	name, named := row.Title.text()
	if !named || name == "" {
		r.odd = append(r.odd, Oddity{Kind: OddName, Detail: cmp.Or(oneLine(t.Document), "an instance")})
		return nil
	}
	column := func(name string, c cell) string {
		text, ok := c.text()
		if !ok {
			t.missing = append(t.missing, name)
		}
		return text
	}
	t.Name, t.Root, t.Remote, t.SLAKnown = name, name, IsRemote(name), row.SLA.known()
	t.SoftwareRelease = column("url_string", row.URLString)
	t.SoftwareType = column("source_reference", row.Type)
	parameters := column("text_content", row.Parameters)
	state := column("slap_state", row.State)
	if t.State = plainState(state); state != "" && slapStates[state] == "" {
		t.wrong = fmt.Errorf("state %q", oneLine(state))
	}
	if t.Shared = truth(json.RawMessage(row.Shared)); !row.Shared.known() {
		t.missing = append(t.missing, "root_slave")
	}
	owner, _ := row.Owner.text()
	if owner = strings.TrimPrefix(owner, jioPrefix); strings.HasPrefix(owner, persons) { // else it is in no form that we know
		t.Owner = owner
	}
	t.Project, _ = row.Project.text()
	var err error
	if t.Parameters, err = ParseParameters(parameters); err != nil {
		t.wrong = fmt.Errorf("parameters: %w", err)
	}
	sla, _ := row.SLA.text()
	if t.SLAKnown {
		if t.SLA, err = ParseParameters(sla); err != nil {
			t.wrong = fmt.Errorf("SLA: %w", err)
		}
	}
	r.trees = append(r.trees, t)
	return t
}

// join gives the trees their instances, by the document that an instance names: two
// people can have trees of one name. The root instance is that of the tree's name.
func (r *reading) join(byPath map[string]*tree, members []member) {
	for n := range members {
		m := &members[n]
		t := byPath[m.tree]
		if t == nil || m.tree == "" {
			continue // of a tree that we may not see, or that is not listed yet
		}
		t.Members = append(t.Members, m.Member)
		// One that is to be destroyed may be a remainder of what had the name before.
		if m.Title != t.Name || m.State == Destroyed && t.State != Destroyed {
			continue
		}
		t.double = t.double || t.root != nil
		t.root = m
	}
	told := slices.ContainsFunc(members, func(m member) bool { return m.tree != "" })
	for _, t := range r.trees {
		t.finish(told || len(members) == 0)
	}
}

// finish takes from the root instance what a tree does not tell. Without one, nothing
// is published yet; that there is none is known only if instances name their trees.
func (t *tree) finish(told bool) {
	switch {
	case !told:
		t.missing = append(t.missing, "instances (specialise)")
	case t.double:
		t.wrong = errors.New("it has two instances of its own name")
	case t.root == nil:
		t.ConnectionParameters, t.Allocation = Parameters{}, NotAllocated
		if t.Members == nil {
			t.Members = []Member{}
		}
	case t.root.wrong != nil:
		t.wrong = t.root.wrong
	default:
		m := t.root
		slices.SortStableFunc(t.Members, func(a, b Member) int { return cmp.Compare(boolInt(b.GUID == m.GUID), boolInt(a.GUID == m.GUID)) })
		t.GUID, t.Computer, t.Partition, t.Allocation, t.Status = m.GUID, m.Computer, m.Partition, m.Allocation, m.Status
		if t.ConnectionParameters = m.published; m.published == nil {
			t.missing = append(t.missing, "getConnectionXmlAsDict")
		}
	}
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// whole reports whether all was read that an instance has.
func (t *tree) whole() bool { return len(t.missing) == 0 && t.wrong == nil }

// oddities are what is not as it should be with trees of ours. A column that no row has
// is one oddity.
func (r *reading) oddities(trees []*tree) []Oddity {
	odd := slices.Clone(r.odd)
	lacking := map[string]int{}
	for _, t := range trees {
		for _, column := range t.missing {
			lacking[column]++
		}
	}
	for _, t := range trees {
		for _, column := range t.missing {
			switch n := lacking[column]; {
			case n < len(trees) || n == 1:
				odd = append(odd, Oddity{OddColumn, t.Name, column})
			case n > 0:
				odd = append(odd, Oddity{Kind: OddColumn, Detail: column})
				lacking[column] = -1
			}
		}
		switch {
		case t.wrong != nil:
			odd = append(odd, Oddity{OddText, t.Name, oneLine(t.wrong.Error())})
		case t.root == nil && t.Members != nil:
			odd = append(odd, Oddity{Kind: OddNoInstance, Name: t.Name})
		}
	}
	return odd
}

// failedForColumns reports whether a search failed as if a script that it selects did:
// then the whole answer breaks (read in the source of ERP5, never seen).
func failedForColumns(err error) bool {
	status, ok := errors.AsType[*StatusError](err)
	return ok && status.Code == http.StatusInternalServerError && !status.Meaning.Temporary()
}
