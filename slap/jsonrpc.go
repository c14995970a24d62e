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
// "Not found" is 403 on this interface, with a JSON body.
func (c *Client) call(ctx context.Context, method string, params, result any) error {
	target := c.endpoint("slapos." + method)
	body, err := json.Marshal(params)
	if err != nil {
		return err
	}
	answer, header, err := c.do(ctx, http.MethodPost, target, "application/json", string(body))
	if err != nil {
		var status *StatusError
		switch {
		case !errors.As(err, &status):
		case status.json && strings.HasPrefix(status.Message, "Not destroying yet"):
			status.meaning = ErrNotReady
		case status.Code == http.StatusForbidden && status.json:
			status.meaning = ErrNotFound
		case status.json:
		case status.Code == http.StatusNotFound, status.Code == http.StatusMethodNotAllowed, status.Code == http.StatusNotImplemented:
			status.meaning = errNoCall
		}
		return err
	}
	if !isJSON(header) {
		return &ContentError{URL: target, Want: "JSON", Message: describeBody(answer)}
	}
	// Where an instance would be, a Master may answer with status 200 that
	// there is none yet. slapos.core, SoftwareInstanceNotReady.
	var notReady struct {
		Name   string
		Status json.RawMessage
	}
	if json.Unmarshal(answer, &notReady) == nil && notReady.Name == "SoftwareInstanceNotReady" {
		return fmt.Errorf("%s: %w", target, ErrNotReady)
	}
	d := json.NewDecoder(bytes.NewReader(answer))
	d.UseNumber() // for the digits of parameters
	if err := d.Decode(result); err != nil {
		return &ContentError{URL: target, Want: "the JSON of " + method, Message: err.Error()}
	}
	return nil
}
