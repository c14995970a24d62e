package slap

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// call performs POST <base>/slapos.METHOD and decodes the answer into result.
func (c *Client) call(ctx context.Context, method string, params, result any) error {
	if err := c.allows(JSONRPC); err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	return c.callAnyway(ctx, method, params, result)
}

// callAnyway is call for a client that is kept to another interface, to find it.
func (c *Client) callAnyway(ctx context.Context, method string, params, result any) error {
	target := c.callURL(method)
	body, err := json.Marshal(params)
	if err != nil {
		return err
	}
	answer, header, err := c.do(ctx, http.MethodPost, target, "application/json", string(body))
	if err != nil {
		var status *StatusError
		if errors.As(err, &status) {
			status.meaning = callMeaning(status, method)
		}
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
		return &ContentError{URL: target, Want: "the JSON of " + method, Message: err.Error()}
	}
	return nil
}

// callList performs a call that answers a list.
func callList[T any](ctx context.Context, c *Client, method string, params any) ([]T, error) {
	var answer struct {
		ResultList *[]T `json:"result_list"`
	}
	if err := c.call(ctx, method, params, &answer); err != nil {
		return nil, err
	}
	if answer.ResultList == nil {
		return nil, &ContentError{URL: c.callURL(method), Want: "a result_list", Message: "JSON without one"}
	}
	return *answer.ResultList, nil
}

const notReadyName = "SoftwareInstanceNotReady"

func (c *Client) callURL(method string) string { return c.jsonrpc.String() + "slapos." + method }

// callMeaning gives the sentinel for a status of the JSON-RPC interface. There
// 403 is what the Master will not do: because there is no such thing (the type
// is Forbidden on a slapproxy and ends in -NOT-FOUND on the full Master), or for
// another reason that the full Master tells by its type.
func callMeaning(e *StatusError, method string) error {
	switch {
	case e.json && strings.HasPrefix(e.Message, "Not destroying yet"):
		return ErrNotReady
	case e.json && e.Code == http.StatusForbidden && (e.Type == "Forbidden" || strings.HasSuffix(e.Type, "-NOT-FOUND")):
		return ErrNotFound
	case e.json && e.Code == http.StatusForbidden && e.Type != "":
		return ErrRefused
	case e.json && e.Code == http.StatusNotFound && (e.Type == "" || strings.HasPrefix(e.Message, "slapos."+method)):
		return errNoCall
	case e.json:
		return e.meaning
	case e.Code == http.StatusNotFound, e.Code == http.StatusMethodNotAllowed, e.Code == http.StatusNotImplemented:
		return errNoCall
	}
	return e.meaning
}
