package slap

import (
	"context"
	"errors"
	"net/http"
	"net/url"
)

// An Endpoint is one of the interfaces of a Master, and whether it answers.
type Endpoint struct {
	Interface Interface
	URL       string // its base; where it is looked for, if it is not there
	Err       error  // nil: it answers; wraps [ErrUnsupported] if the Master has none
}

// Endpoints asks each interface something that changes nothing: legacy for a product that
// there is not, JSON-RPC for where HATEOAS is, HATEOAS for its root.
func (c *Client) Endpoints(ctx context.Context) []Endpoint {
	legacy := Endpoint{Interface: Legacy, URL: c.base.String(), Err: c.legacyAnswers(ctx)}
	rest := Endpoint{Interface: HATEOAS}
	if rest.URL, rest.Err = c.hateoasURL(ctx); rest.Err == nil {
		_, rest.Err = c.hateoas(ctx)
	}
	rpc := Endpoint{Interface: JSONRPC, URL: c.base.String()}
	base := c.jsonrpc.Load()
	if rpc.Err = c.findRPC(ctx); rpc.Err == nil && base != nil { // it was given, or guessed
		rpc.Err = c.rpcAnswers(ctx, base)
	}
	if base = c.jsonrpc.Load(); base != nil {
		rpc.URL = base.String()
	}
	return []Endpoint{legacy, rest, rpc}
}

// legacyAnswers asks for a product. A refusal that only a Master knows is an answer, too.
func (c *Client) legacyAnswers(ctx context.Context) error {
	_, err := c.Product(ctx, UserAgent+"-doctor")
	if errors.Is(err, ErrNoProject) {
		return nil
	}
	if status, ok := errors.AsType[*StatusError](err); ok && status.page && status.Code == http.StatusBadRequest {
		return nil
	}
	return err
}

func (c *Client) rpcAnswers(ctx context.Context, base *url.URL) error {
	there, err := c.speaksRPC(ctx, base)
	if err == nil && !there {
		err = errNoRPC
	}
	return err
}

// Endpoints is [Client.Endpoints].
func (r Reader) Endpoints(ctx context.Context) []Endpoint { return r.c.Endpoints(r.counting(ctx)) }

// Survey is [Client.Survey].
func (r Reader) Survey(ctx context.Context) ([]Survey, error) { return r.c.Survey(r.counting(ctx)) }
