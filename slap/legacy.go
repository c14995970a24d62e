package slap

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"slapstar/slap/marshal"
)

const formType = "application/x-www-form-urlencoded"

func (c *Client) post(ctx context.Context, endpoint string, form url.Values) ([]byte, error) {
	if err := c.allows(Legacy); err != nil {
		return nil, fmt.Errorf("%s: %w", endpoint, err)
	}
	answer, _, err := c.do(ctx, http.MethodPost, c.endpoint(endpoint), formType, form.Encode())
	return answer, err
}

func (c *Client) get(ctx context.Context, endpoint string, query url.Values) ([]byte, error) {
	if err := c.allows(Legacy); err != nil {
		return nil, fmt.Errorf("%s: %w", endpoint, err)
	}
	answer, _, err := c.do(ctx, http.MethodGet, c.endpoint(endpoint)+"?"+query.Encode(), "", "")
	return answer, err
}

// noSuchEndpoint begins what a slapproxy says of an endpoint that it does not
// have. The full Master has them all, and says with 404 what it does not find.
const noSuchEndpoint = "The requested URL was not found on the server."

// unsupported gives the answer that there is no such endpoint its meaning.
func unsupported(err error) error {
	var status *StatusError
	if errors.As(err, &status) && status.Code == http.StatusNotFound && strings.HasPrefix(status.Message, noSuchEndpoint) {
		status.meaning = ErrUnsupported
	}
	return err
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
