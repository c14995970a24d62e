package view

import (
	"io"
	"maps"
	"slices"
	"time"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/engine"
	"slapstar/slap"
	"slapstar/slap/credential"
)

// InstanceDetails are what info shows of an instance. Their JSON is described by
// info.schema.json.
type InstanceDetails struct {
	Instance
	GUID                 string            `json:"guid"`
	Root                 string            `json:"root"`
	Status               string            `json:"status"` // what the node reported last; empty where the Master does not tell
	Parameters           map[string]string `json:"parameters"`
	ConnectionParameters map[string]string `json:"connection_parameters"`
	SLA                  map[string]string `json:"sla"` // null where the Master does not tell

	// Of a full Master: the instances of the tree, itself first, with what their nodes report.
	Members []Member `json:"members,omitempty"`
}

// A Member is an instance of a tree.
type Member struct {
	Name      string `json:"name"`
	State     string `json:"state"`
	Shared    bool   `json:"shared"`
	Computer  string `json:"computer"` // empty while it has no place, and where the Master does not tell
	Partition string `json:"partition"`
	Health    string `json:"health"`
	Status    string `json:"status"`             // as its node reported it
	Reported  string `json:"reported,omitempty"` // when, in UTC
}

func newMembers(list []slap.Member) []Member {
	members := make([]Member, len(list))
	for n, m := range list {
		members[n] = Member{Name: m.Title, State: m.State, Shared: m.Shared, Computer: m.Computer, Partition: m.Partition,
			Health: health(slap.Instance{InstanceRequest: slap.InstanceRequest{State: m.State}, Status: m.Status, Allocation: m.Allocation}), Status: m.Status.Text}
		if !m.Status.Reported.IsZero() {
			members[n].Reported = m.Status.Reported.UTC().Format(time.RFC3339)
		}
	}
	return members
}

// NewInstanceDetails returns the details of the instance of that name. What looks
// like a credential is in them only if showSecrets is set.
func NewInstanceDetails(name string, i slap.Instance, showSecrets bool) InstanceDetails {
	d := InstanceDetails{Instance: NewInstance(name, i), GUID: i.GUID, Root: i.Root, Status: i.Status.Text,
		Parameters: masked(i.Parameters, showSecrets), ConnectionParameters: masked(i.ConnectionParameters, showSecrets)}
	if i.SLAKnown {
		d.SLA = masked(i.SLA, true)
	}
	d.Members = newMembers(i.Members)
	return d
}

// masked are parameters without what looks like a credential, unless that is to be
// shown. Of a JSON document only the leaves that do are left out.
func masked(p slap.Parameters, show bool) map[string]string {
	m := make(map[string]string, len(p))
	for key, value := range p {
		if !show {
			value = credential.Mask(key, value, engine.Masked)
		}
		m[key] = value
	}
	return m
}

// WriteText writes a line a fact.
func (d InstanceDetails) WriteText(out, _ io.Writer) error {
	node := orDash(d.Computer)
	if d.Partition != "" {
		node += ", " + d.Partition
	}
	rows := [][]string{
		{"name", d.Name},
		{"state", d.State},
		{"software release", d.SoftwareRelease},
		{"software type", d.SoftwareType},
		{"shared", yesNo(d.Shared)},
		{"node", node},
		{"guid", orDash(d.GUID)},
		{"health", d.Health},
		{"status", orDash(d.Status)},
	}
	for _, more := range [][]string{{"owner", d.Owner}, {"project", d.Project}, {"upgrade decision", d.Upgrade}} {
		if more[1] != "" {
			rows = append(rows, more)
		}
	}
	rows = append(rows, group("sla", d.SLA)...)
	rows = append(rows, group("parameters", d.Parameters)...)
	rows = append(rows, group("connection parameters", d.ConnectionParameters)...)
	if len(d.Members) < 2 { // it is the only one
		return table(out, rows)
	}
	return tables(out, rows, d.news())
}

// news is a table of what the nodes report of the tree.
func (d InstanceDetails) news() [][]string {
	rows := [][]string{{"INSTANCE OF THE TREE", "STATE", "HEALTH", "NODE", "REPORTED", "STATUS"}}
	for _, m := range d.Members {
		rows = append(rows, []string{m.Name, m.State, m.Health, orDash(m.Computer), orDash(m.Reported), orDash(term.Cut(m.Status, mostStatus))})
	}
	return rows
}

// group is the name of a group of values, and below it each value. nil is what the
// Master does not tell.
func group(name string, values map[string]string) [][]string {
	head := ""
	switch {
	case values == nil:
		head = "(this Master does not tell)"
	case len(values) == 0:
		head = "(none)"
	}
	rows := [][]string{{name, head}}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		rows = append(rows, []string{"  " + key, values[key]})
	}
	return rows
}
