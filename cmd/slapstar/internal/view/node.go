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
}

// A NodeList is what computers shows. Its JSON is described by
// computers.schema.json.
type NodeList []Node

// NewNodeList returns the nodes in the order of their references.
func NewNodeList(nodes []slap.Node) NodeList {
	list := make(NodeList, len(nodes))
	for i, n := range nodes {
		list[i] = Node{Reference: n.Reference, Title: n.Title}
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
	rows := [][]string{{"REFERENCE", "TITLE"}}
	for _, n := range l {
		rows = append(rows, []string{n.Reference, n.Title})
	}
	return table(out, rows)
}
