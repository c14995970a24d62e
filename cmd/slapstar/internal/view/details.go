package view

import (
	"io"
	"maps"
	"slices"

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
}

// NewInstanceDetails returns the details of the instance of that name. What looks
// like a credential is in them only if showSecrets is set.
func NewInstanceDetails(name string, i slap.Instance, showSecrets bool) InstanceDetails {
	d := InstanceDetails{Instance: NewInstance(name, i), GUID: i.GUID, Root: i.Root, Status: i.Status.Text,
		Parameters: masked(i.Parameters, showSecrets), ConnectionParameters: masked(i.ConnectionParameters, showSecrets)}
	if i.SLAKnown {
		d.SLA = masked(i.SLA, true)
	}
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
		{"status", orDash(d.Status)},
	}
	rows = append(rows, group("sla", d.SLA)...)
	rows = append(rows, group("parameters", d.Parameters)...)
	rows = append(rows, group("connection parameters", d.ConnectionParameters)...)
	return table(out, rows)
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
