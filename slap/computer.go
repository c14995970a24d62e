package slap

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
)

// A Computer is a compute node as a Master lists it.
type Computer struct {
	Reference string // as filter_kw and supply name it, such as COMP-1234
	Title     string
}

const computerQuery = `portal_type:"Compute Node" AND validation_state:validated`

// Computers lists the compute nodes that the Master knows.
func (c *Client) Computers(ctx context.Context) ([]Computer, error) {
	return firstOf(ctx, c, "Computers", func(ctx context.Context) ([]Computer, error) {
		return c.searchComputers(ctx, computerQuery)
	}, c.computersByCall)
}

// Computer finds a compute node by its reference. The error wraps [ErrNotFound]
// if there is no such node.
func (c *Client) Computer(ctx context.Context, reference string) (Computer, error) {
	notFound := fmt.Errorf("compute node %q: %w", reference, ErrNotFound)
	if strings.Contains(reference, `"`) {
		return Computer{}, notFound // and no way to write it in a query
	}
	list, err := firstOf(ctx, c, "Computer", func(ctx context.Context) ([]Computer, error) {
		return c.searchComputers(ctx, computerQuery+` AND reference:="`+reference+`"`)
	}, c.computersByCall)
	if err != nil {
		return Computer{}, err
	}
	for _, computer := range list {
		if computer.Reference == reference {
			return computer, nil
		}
	}
	return Computer{}, notFound
}

func (c *Client) searchComputers(ctx context.Context, query string) ([]Computer, error) {
	h, err := c.hateoas(ctx)
	if err != nil {
		return nil, err
	}
	return searchAll[Computer](ctx, c, h, query, "title", "reference")
}

// computersByCall is experimental, and on a slapproxy only.
func (c *Client) computersByCall(ctx context.Context) ([]Computer, error) {
	type row struct {
		ComputerGUID string `json:"computer_guid"`
	}
	rows, err := callList[row](ctx, c, "allDocs.WIP.compute_node_list", struct{}{})
	if err != nil {
		return nil, err
	}
	list := make([]Computer, len(rows))
	for i, row := range rows {
		list[i] = Computer{Reference: row.ComputerGUID, Title: row.ComputerGUID}
	}
	return list, nil
}

// ComputerToken asks for a token with which a new compute node can be set up.
// The full Master alone gives one.
//
// Measured on the stock client: GET SELF/computer_module/Base_getComputerToken,
// where SELF is the link of that name in the HATEOAS root document.
func (c *Client) ComputerToken(ctx context.Context) (string, error) {
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
