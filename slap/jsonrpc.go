package slap

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// call performs POST <base>/slapos.METHOD and decodes the answer into result.
func (c *Client) call(ctx context.Context, k call, params, result any) error {
	if err := c.allows(JSONRPC); err != nil {
		return fmt.Errorf("%s: %w", k.name, err)
	}
	return c.callAnyway(ctx, k, params, result)
}

// callAnyway is call for a client that is kept to another interface, to find it.
func (c *Client) callAnyway(ctx context.Context, k call, params, result any) error {
	k.over = JSONRPC
	target := c.callURL(k.name)
	body, err := json.Marshal(params)
	if err != nil {
		return err
	}
	answer, header, err := c.do(ctx, request{call: k, method: http.MethodPost, url: target, contentType: "application/json", body: string(body)})
	if err != nil {
		return err
	}
	if !isJSON(header) {
		return &ContentError{URL: target, Want: "JSON", Message: describeBody(answer)}
	}
	// Where an instance would be, a Master may answer with status 200 that
	// there is none yet. slapos.core, SoftwareInstanceNotReady.
	var notReady struct{ Name string }
	if bytes.Contains(answer, []byte(notReadyName)) && json.Unmarshal(answer, &notReady) == nil && notReady.Name == notReadyName {
		return fmt.Errorf("%s: %w", target, ErrNotReady)
	}
	d := json.NewDecoder(bytes.NewReader(answer))
	d.UseNumber() // for the digits of parameters
	if err := d.Decode(result); err != nil {
		return &ContentError{URL: target, Want: "the JSON of " + k.name, Message: err.Error()}
	}
	return nil
}

// callList performs a call that answers a list.
func callList[T any](ctx context.Context, c *Client, method string, params any) ([]T, error) {
	var answer struct {
		ResultList *[]T `json:"result_list"`
	}
	if err := c.call(ctx, call{name: method}, params, &answer); err != nil {
		return nil, err
	}
	if answer.ResultList == nil {
		return nil, &ContentError{URL: c.callURL(method), Want: "a result_list", Message: "JSON without one"}
	}
	return *answer.ResultList, nil
}

const notReadyName = "SoftwareInstanceNotReady"

func (c *Client) callURL(method string) string { return c.jsonrpc.String() + "slapos." + method }
