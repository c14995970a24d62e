package slap

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"slapstar/slap/marshal"
)

// A Node is something to place instances on, as a Master lists it.
type Node struct {
	Reference string // as filter_kw and supply name it, such as COMP-1234
	Title     string

	// On a full Master alone.
	Kind            NodeKind
	AllocationScope string // who may use it, such as open or close/forever; empty where it is not told
	Project         string // reference; empty where it is not told
}

// A NodeKind is what kind of place a full Master has.
type NodeKind string

// The kinds, which are portal types. A shared instance can be on an instance node or a
// remote node, too.
const (
	ComputeNode     NodeKind = "Compute Node"
	InstanceNode    NodeKind = "Instance Node"    // an instance that carries shared ones
	RemoteNode      NodeKind = "Remote Node"      // another project, or another Master
	ComputerNetwork NodeKind = "Computer Network" // several nodes; network_guid names it
)

const (
	nodeQuery    = `portal_type:"Compute Node" AND validation_state:validated`
	allNodeQuery = `portal_type:("Compute Node", "Instance Node", "Remote Node", "Computer Network") AND validation_state:validated`
)

// Nodes lists the compute nodes that the Master knows.
func (c *Client) Nodes(ctx context.Context) ([]Node, error) {
	return firstOf(ctx, c, "Nodes", func(ctx context.Context) ([]Node, error) {
		return c.searchNodes(ctx, nodeQuery)
	}, c.nodesByCall)
}

// AllNodes lists the places of all kinds that the Master knows; on other Masters than a
// full one those are the compute nodes. The query of all kinds was never tried: a Master
// that refuses it is asked for its compute nodes.
func (c *Client) AllNodes(ctx context.Context) ([]Node, error) {
	h, err := c.hateoas(ctx)
	if err != nil || !h.limited() {
		return c.Nodes(ctx)
	}
	list, err := c.searchNodes(ctx, allNodeQuery)
	if status, ok := errors.AsType[*StatusError](err); ok && !status.Meaning.Temporary() {
		return c.Nodes(ctx)
	}
	return list, err
}

// Node finds a compute node by its reference. The error wraps [ErrNotFound]
// if there is no such node.
func (c *Client) Node(ctx context.Context, reference string) (Node, error) {
	notFound := fmt.Errorf("compute node %q: %w", reference, ErrNotFound)
	if strings.Contains(reference, `"`) {
		return Node{}, notFound // no node is called so
	}
	list, err := firstOf(ctx, c, "Node", func(ctx context.Context) ([]Node, error) {
		return c.searchNodes(ctx, nodeQuery+` AND reference:="`+reference+`"`)
	}, c.nodesByCall)
	if err != nil {
		return Node{}, err
	}
	for _, node := range list {
		if node.Reference == reference {
			return node, nil
		}
	}
	return Node{}, notFound
}

func (c *Client) searchNodes(ctx context.Context, query string) ([]Node, error) {
	h, err := c.hateoas(ctx)
	if err != nil {
		return nil, err
	}
	type nodeRow struct {
		Title, Reference cell
		Kind             cell `json:"portal_type"`
		Scope            cell `json:"allocation_scope"`
		Project          cell `json:"getFollowUpReference"`
	}
	columns := []string{"title", "reference"} // the recorded query of a slapproxy
	if h.limited() {
		columns = append(columns, "portal_type", "allocation_scope", "getFollowUpReference")
	}
	rows, err := searchAll[nodeRow](ctx, c, h, query, columns...)
	if err != nil {
		return nil, err
	}
	list := make([]Node, 0, len(rows))
	for _, r := range rows {
		var node Node
		node.Reference, _ = r.Reference.text()
		node.Title, _ = r.Title.text()
		kind, _ := r.Kind.text()
		node.Kind = NodeKind(kind)
		node.AllocationScope, _ = r.Scope.text()
		node.Project, _ = r.Project.text()
		if node.Reference != "" { // nothing can be asked of one without
			list = append(list, node)
		}
	}
	return list, nil
}

// nodesByCall is experimental, and on a slapproxy only.
func (c *Client) nodesByCall(ctx context.Context) ([]Node, error) {
	type row struct {
		ComputerGUID string `json:"computer_guid"`
	}
	rows, err := callList[row](ctx, c, "allDocs.WIP.compute_node_list", struct{}{})
	if err != nil {
		return nil, err
	}
	list := make([]Node, len(rows))
	for i, row := range rows {
		list[i] = Node{Reference: row.ComputerGUID, Title: row.ComputerGUID}
	}
	return list, nil
}

// CreateNode makes a new compute node and returns its reference. The full
// Master alone does, and wants a project.
func (c *Client) CreateNode(ctx context.Context, title, project string) (string, error) {
	answer, err := c.post(ctx, call{name: "requestComputer", optional: true, once: true}, url.Values{"computer_title": {title}, "project_reference": {project}})
	if err != nil {
		return "", err
	}
	o, err := decodeMarshal[*marshal.Object](c, "requestComputer", answer)
	if err != nil {
		return "", err
	}
	return str(o.State["_computer_id"]), nil
}

// NodeToken asks for a token with which a new compute node can be set up.
// The full Master alone gives one.
//
// Measured on the stock client: GET SELF/computer_module/Base_getComputerToken,
// where SELF is the link of that name in the HATEOAS root document.
func (c *Client) NodeToken(ctx context.Context) (string, error) {
	h, err := c.hateoas(ctx)
	if err != nil {
		return "", err
	}
	if h.self == "" {
		return "", fmt.Errorf("token for a compute node: %w", ErrUnsupported)
	}
	target := h.self + "/computer_module/Base_getComputerToken"
	body, err := c.fetch(ctx, call{once: true}, target)
	if err != nil {
		return "", err
	}
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || answer.AccessToken == "" {
		return "", &ContentError{URL: target, Want: "JSON with an access_token", Message: "something else"} // which may hold one
	}
	return answer.AccessToken, nil
}
