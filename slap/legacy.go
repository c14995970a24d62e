package slap

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"slapstar/slap/marshal"
)

const formType = "application/x-www-form-urlencoded"

func (c *Client) post(ctx context.Context, k call, form url.Values) ([]byte, error) {
	return c.legacy(ctx, k, request{method: http.MethodPost, url: c.endpoint(k.name), contentType: formType, body: form.Encode()})
}

func (c *Client) get(ctx context.Context, k call, query url.Values) ([]byte, error) {
	return c.legacy(ctx, k, request{method: http.MethodGet, url: c.endpoint(k.name) + "?" + query.Encode()})
}

func (c *Client) legacy(ctx context.Context, k call, r request) ([]byte, error) {
	if err := c.allows(Legacy); err != nil {
		return nil, fmt.Errorf("%s: %w", k.name, err)
	}
	k.over = Legacy
	r.call = k
	answer, _, err := c.do(ctx, r)
	return answer, err
}

// decodeMarshal reads a marshalled answer. The content type says nothing: a
// slapproxy calls its XML text/html.
func decodeMarshal[T any](c *Client, endpoint string, answer []byte) (T, error) {
	v, err := marshal.Decode(answer)
	if got, ok := v.(T); err == nil && ok {
		return got, nil
	}
	var want T
	message := describeBody(answer)
	var syntax *marshal.SyntaxError
	switch {
	case err == nil:
		message = fmt.Sprintf("a %T", v)
	case errors.As(err, &syntax) && !looksLikeHTML(answer):
		message += fmt.Sprintf(", wrong at byte %d", syntax.Offset)
	}
	return want, &ContentError{URL: c.endpoint(endpoint), Want: fmt.Sprintf("a marshalled %T", want), Message: message}
}
