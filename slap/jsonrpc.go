package slap

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
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
	if err := c.findRPC(ctx); err != nil {
		return err
	}
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
	if isNotReady(answer) {
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
func callList[T any](ctx context.Context, c *Client, method string, params any) (rows []T, err error) {
	if err := c.allows(JSONRPC); err != nil {
		return nil, fmt.Errorf("%s: %w", method, err)
	}
	if err := c.findRPC(ctx); err != nil {
		return nil, err
	}
	target := c.callURL(method)
	form, err := json.Marshal(params)
	if err != nil {
		return nil, err
	}
	k := call{name: method, over: JSONRPC}
	_, _, err = c.do(ctx, request{call: k, method: http.MethodPost, url: target, contentType: "application/json", body: string(form), read: func(header http.Header, b *body) (err error) {
		rows, err = decodeRows[T](b, c.limits.Rows, "result_list")
		switch {
		case err == nil, errors.Is(err, ErrTooMuch):
			return err
		case !isJSON(header):
			return &ContentError{URL: target, Want: "JSON", Message: b.describe()}
		case isNotReady(b.head):
			return fmt.Errorf("%s: %w", target, ErrNotReady)
		case errors.Is(err, errNoRows):
			return &ContentError{URL: target, Want: "a result_list", Message: "JSON without one"}
		}
		return &ContentError{URL: target, Want: "the JSON of " + method, Message: err.Error()}
	}})
	return rows, err
}

// isNotReady reports whether an answer says that there is no instance yet. Where one
// would be, a Master may answer so with status 200: slapos.core, SoftwareInstanceNotReady.
func isNotReady(answer []byte) bool {
	var notReady struct{ Name string }
	return bytes.Contains(answer, []byte(notReadyName)) && json.Unmarshal(answer, &notReady) == nil && notReady.Name == notReadyName
}

const notReadyName = "SoftwareInstanceNotReady"

// callURL is where a method is. The interface has been found.
func (c *Client) callURL(method string) string { return rpcURL(c.jsonrpc.Load(), method) }
