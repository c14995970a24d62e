package view

import (
	"cmp"
	"fmt"
	"io"
	"slices"

	"slapstar/slap"
)

// A Node is a compute node of a Master.
type Node struct {
	Reference string `json:"reference"`
	Title     string `json:"title"`

	// Of a full Master.
	Kind            string `json:"kind,omitempty"`             // Compute Node, Instance Node, Remote Node or Computer Network
	AllocationScope string `json:"allocation_scope,omitempty"` // who may use it
	Project         string `json:"project,omitempty"`          // its reference
}

// A NodeList is what computers shows. Its JSON is described by
// computers.schema.json.
type NodeList []Node

// NewNodeList returns the nodes in the order of their references.
func NewNodeList(nodes []slap.Node) NodeList {
	list := make(NodeList, len(nodes))
	for i, n := range nodes {
		list[i] = Node{n.Reference, n.Title, string(n.Kind), n.AllocationScope, n.Project}
	}
	slices.SortFunc(list, func(a, b Node) int {
		return cmp.Or(cmp.Compare(a.Reference, b.Reference), cmp.Compare(a.Title, b.Title))
	})
	return list
}

// WriteText writes a table.
func (l NodeList) WriteText(out, notes io.Writer) error {
	if len(l) == 0 {
		_, err := fmt.Fprintln(notes, "slapstar: this Master knows no compute node")
		return err
	}
	full := slices.ContainsFunc(l, func(n Node) bool {
		return n.Kind != "" && n.Kind != string(slap.ComputeNode) || n.AllocationScope != "" || n.Project != ""
	})
	rows := [][]string{{"REFERENCE", "TITLE"}}
	if full {
		rows[0] = append(rows[0], "KIND", "SCOPE", "PROJECT")
	}
	for _, n := range l {
		row := []string{n.Reference, n.Title}
		if full {
			row = append(row, orDash(n.Kind), orDash(n.AllocationScope), orDash(n.Project))
		}
		rows = append(rows, row)
	}
	return table(out, rows)
}
