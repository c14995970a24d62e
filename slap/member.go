package slap

import (
	"context"
	"fmt"
	"regexp"
	"strings"
)

// A Member is an instance of an instance tree, as a full Master lists it.
type Member struct {
	Title           string
	GUID            string
	Shared          bool
	State           string // that is asked for; it can differ from that of its tree
	SoftwareRelease string
	SoftwareType    string
	Parameters      Parameters // what the node gets; of an unpaid account not what the tree has; nil where it cannot be known
	Computer        string     // see Allocation
	Partition       string
	Allocation      Allocation
	Status          Status
}

// An Allocation says whether an instance has a place.
type Allocation int

// The allocations.
const (
	AllocationUnknown Allocation = iota // cannot be known: the Master does not tell
	NotAllocated                        // it has none yet
	Allocated                           // on Computer and in Partition, as far as they are told
	AllocatedHidden                     // somewhere that we may not see
)

var allocations = [...]string{"not known", "not allocated", "allocated", "allocated, and we may not see where"}

func (a Allocation) String() string { return allocations[a] }

// A memberRow is one row of a search of the full Master for instances.
type memberRow struct {
	Title      cell
	Reference  cell
	PortalType cell `json:"portal_type"`
	Tree       cell `json:"specialise"`
	State      cell `json:"slap_state"`
	URLString  cell `json:"url_string"`
	Type       cell `json:"source_reference"`
	Parameters cell `json:"text_content"`
	Connection cell `json:"getConnectionXmlAsDict"`
	Aggregate  cell
	Partition  cell `json:"aggregate_reference"`
	Place      cell `json:"SoftwareInstance_getAllocationInformation"`
	News       cell `json:"SoftwareInstance_getNewsDict"`
}

var (
	memberColumns = []string{"title", "reference", "portal_type", "specialise", "slap_state", "url_string", "source_reference", "text_content", "getConnectionXmlAsDict"}
	// reportColumns tell of status and place. Two are scripts, which a Master may not have.
	reportColumns = []string{"aggregate", "aggregate_reference", "SoftwareInstance_getAllocationInformation", "SoftwareInstance_getNewsDict"}
)

// A member is a Member with what is needed to find its tree.
type member struct {
	Member
	tree      string     // the document of its tree; empty where the Master does not tell
	published Parameters // nil where it cannot be known
	wrong     error      // what cannot be read
}

// searchMembers searches instances. If the search fails with the columns of status and
// place, it goes on without them, for good.
func (c *Client) searchMembers(ctx context.Context, h *hypermedia, query string) ([]member, error) {
	columns := memberColumns
	if !c.noReports.Load() {
		columns = append(columns[:len(columns):len(columns)], reportColumns...)
	}
	rows, err := searchAll[memberRow](ctx, c, h, query, columns...)
	if failedForColumns(err) && len(columns) > len(memberColumns) {
		var other error
		if rows, other = searchAll[memberRow](ctx, c, h, query, memberColumns...); other == nil {
			c.noReports.Store(true)
			err = nil
		}
	}
	if err != nil {
		return nil, err
	}
	members := make([]member, len(rows))
	for n, row := range rows {
		members[n] = row.member()
	}
	return members, nil
}

func (r memberRow) member() (m member) {
	m.Title, _ = r.Title.text()
	m.GUID, _ = r.Reference.text()
	m.tree, _ = r.Tree.text()
	m.tree = strings.TrimPrefix(m.tree, jioPrefix)
	kind, _ := r.PortalType.text()
	m.Shared = kind == "Slave Instance"
	state, _ := r.State.text()
	m.State = plainState(state)
	m.SoftwareRelease, _ = r.URLString.text()
	m.SoftwareType, _ = r.Type.text()
	if text, ok := r.Parameters.text(); ok {
		m.Parameters, _ = ParseParameters(text) // of what cannot be read nothing is known
	}
	if dict, ok := r.Connection.dict(); ok {
		if m.published, m.wrong = texts(dict); m.wrong != nil {
			m.wrong = fmt.Errorf("connection parameters: %w", m.wrong)
		}
	}
	m.Status = newsStatus(r.News)
	m.Allocation, m.Computer, m.Partition = r.place()
	return m
}

// placeText is how SoftwareInstance_getAllocationInformation names a place.
var placeText = regexp.MustCompile(`^(\S+) \((.+)\)$`)

// place tells where an instance is: by the text of a script of the Master, or by the
// partition that the instance names.
func (r memberRow) place() (a Allocation, computer, partition string) {
	partition, _ = r.Partition.text()
	aggregate, allocated := r.Aggregate.text()
	text, _ := r.Place.text()
	switch found := placeText.FindStringSubmatch(text); {
	case text == "Not allocated":
		return NotAllocated, "", ""
	case text == "Restricted information":
		return AllocatedHidden, "", ""
	case found != nil:
		return Allocated, found[1], found[2]
	case allocated && aggregate != "":
		return Allocated, "", partition
	}
	return AllocationUnknown, "", ""
}
