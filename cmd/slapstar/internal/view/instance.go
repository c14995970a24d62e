package view

import (
	"fmt"
	"io"
	"slices"

	"slapstar/engine"
	"slapstar/slap"
)

// An Instance is one of a Master, as list shows it.
type Instance struct {
	Name            string `json:"name"`
	State           string `json:"state"` // "not ready" when the Master cannot tell yet
	SoftwareRelease string `json:"software_release"`
	SoftwareType    string `json:"software_type"`
	Shared          bool   `json:"shared"`
	Computer        string `json:"computer"` // empty where the Master does not tell
	Partition       string `json:"partition"`
	Health          string `json:"health"`            // a word, see [health]
	Owner           string `json:"owner,omitempty"`   // the person, on a full Master
	Project         string `json:"project,omitempty"` // its reference, on a full Master
	Upgrade         string `json:"upgrade,omitempty"` // the state of an upgrade decision that is pending
}

// NewInstance returns the Instance of that name. A Master need not repeat the name.
func NewInstance(name string, i slap.Instance) Instance {
	return Instance{Name: name, State: i.State, SoftwareRelease: i.SoftwareRelease, SoftwareType: i.SoftwareType,
		Shared: i.Shared, Computer: i.Computer, Partition: i.Partition, Health: health(i), Owner: i.Owner, Project: i.Project}
}

// instanceOf is an instance of a State; what that does not hold is not ready.
func instanceOf(s *engine.State, name string) Instance {
	if i, ok := s.Instances[name]; ok {
		return NewInstance(name, i)
	}
	return Instance{Name: name, State: "not ready", Health: unknownHealth}
}

// An InstanceList is what list shows. Its JSON is described by list.schema.json.
type InstanceList []Instance

// NewInstanceList returns all instances of a State that has been read whole.
func NewInstanceList(s *engine.State) InstanceList {
	list := InstanceList{}
	for _, name := range s.Names() {
		list = append(list, instanceOf(s, name))
	}
	return list
}

// NewInstances returns instances as they come, which may be those of several persons.
func NewInstances(all []slap.Instance) InstanceList {
	list := make(InstanceList, len(all))
	for n, i := range all {
		list[n] = NewInstance(i.Name, i)
	}
	return list
}

// Upgrades adds the states of upgrade decisions, by name.
func (l InstanceList) Upgrades(states map[string]string) {
	for i := range l {
		l[i].Upgrade = states[l[i].Name]
	}
}

// An instanceColumn is a column of a table of instances.
type instanceColumn struct {
	name  string
	cell  func(Instance) string
	empty string // a column of nothing else is left out
}

// tells reports whether the Master tells something of an instance that is in the column. That
// an instance is to be stopped is a state, and no news of its health.
func (c instanceColumn) tells(i Instance) bool {
	cell := c.cell(i)
	return cell != c.empty && (c.name != "HEALTH" || cell != slap.Stopped)
}

var instanceColumns = []instanceColumn{
	{"NAME", func(i Instance) string { return i.Name }, "?"},
	{"STATE", func(i Instance) string { return i.State }, "?"},
	{"HEALTH", func(i Instance) string { return i.Health }, unknownHealth},
	{"NODE", func(i Instance) string { return orDash(i.Computer) }, "?"},
	{"SHARED", func(i Instance) string { return yesNo(i.Shared) }, "?"},
	{"PROJECT", func(i Instance) string { return orDash(i.Project) }, "-"},
}

var (
	ownerColumn   = instanceColumn{"OWNER", func(i Instance) string { return orDash(i.Owner) }, "?"}
	typeColumn    = instanceColumn{"TYPE", func(i Instance) string { return orDash(i.SoftwareType) }, "?"}
	upgradeColumn = instanceColumn{"UPGRADE", func(i Instance) string { return orDash(i.Upgrade) }, "-"}
	releaseColumn = instanceColumn{"RELEASE", func(i Instance) string { return i.SoftwareRelease }, "?"}
)

// WriteText writes a table.
func (l InstanceList) WriteText(out, notes io.Writer) error {
	return InstanceTable{List: l}.WriteText(out, notes)
}

// An InstanceTable is a table of instances with more columns.
type InstanceTable struct {
	List   InstanceList
	Owners bool // whose they are
	Wide   bool // types, and pending upgrades
}

// WriteText writes the table; columns of which the Master tells nothing are left out.
func (t InstanceTable) WriteText(out, notes io.Writer) error {
	if len(t.List) == 0 {
		_, err := fmt.Fprintln(notes, "slapstar: there is no instance on this Master")
		return err
	}
	columns := slices.Clone(instanceColumns)
	if t.Owners {
		columns = append(columns, ownerColumn)
	}
	if t.Wide {
		columns = append(columns, typeColumn, upgradeColumn)
	}
	columns = slices.DeleteFunc(append(columns, releaseColumn), func(c instanceColumn) bool {
		return !slices.ContainsFunc(t.List, func(i Instance) bool { return c.tells(i) })
	})
	rows := make([][]string, len(t.List)+1)
	for _, c := range columns {
		rows[0] = append(rows[0], c.name)
		for n, i := range t.List {
			rows[n+1] = append(rows[n+1], c.cell(i))
		}
	}
	return table(out, rows)
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
