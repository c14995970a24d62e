package view

import (
	"fmt"
	"io"

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
}

// NewInstance returns the Instance of that name. A Master need not repeat the name.
func NewInstance(name string, i slap.Instance) Instance {
	return Instance{Name: name, State: i.State, SoftwareRelease: i.SoftwareRelease, SoftwareType: i.SoftwareType,
		Shared: i.Shared, Computer: i.Computer, Partition: i.Partition}
}

// instanceOf is an instance of a State; what that does not hold is not ready.
func instanceOf(s *engine.State, name string) Instance {
	if i, ok := s.Instances[name]; ok {
		return NewInstance(name, i)
	}
	return Instance{Name: name, State: "not ready"}
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

// WriteText writes a table.
func (l InstanceList) WriteText(out, notes io.Writer) error {
	if len(l) == 0 {
		_, err := fmt.Fprintln(notes, "slapstar: there is no instance on this Master")
		return err
	}
	rows := [][]string{{"NAME", "STATE", "NODE", "SHARED", "RELEASE"}}
	for _, i := range l {
		rows = append(rows, []string{i.Name, i.State, orDash(i.Computer), yesNo(i.Shared), i.SoftwareRelease})
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
