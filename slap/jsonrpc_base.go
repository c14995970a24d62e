package slap

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// legacyFolder is how the legacy base of a full Master ends, and besideLegacy is where its
// JSON-RPC interface is, seen from there. Source: the paths of the Master's own tools;
// a site may map them elsewhere, and is then configured with [Options].JSONRPCURL.
const (
	legacyFolder = "/portal_slap/"
	besideLegacy = "../portal_web_services/slapos_master_api/"
)

// errNoRPC is that the interface was looked for, and is not there.
var errNoRPC = fmt.Errorf("the JSON-RPC interface: %w", errNoCall)

// findRPC finds the base of the JSON-RPC interface, once a client. It is the legacy one,
// unless that is of a full Master: below it there is none.
func (c *Client) findRPC(ctx context.Context) error {
	if c.jsonrpc.Load() != nil {
		return nil
	}
	select {
	case c.probingRPC <- struct{}{}:
		defer func() { <-c.probingRPC }()
	case <-ctx.Done():
		return ctx.Err()
	}
	switch {
	case c.jsonrpc.Load() != nil:
		return nil
	case c.noRPC:
		return errNoRPC
	}
	for _, base := range []*url.URL{c.base.JoinPath(besideLegacy), c.base} {
		switch there, err := c.speaksRPC(ctx, base); {
		case err != nil:
			return err
		case there:
			c.jsonrpc.Store(base)
			return nil
		}
	}
	c.noRPC = true
	return errNoRPC
}

// speaksRPC asks for what every Master has. A refusal in JSON is an answer, too; another
// failure than that there is nothing is none.
func (c *Client) speaksRPC(ctx context.Context, base *url.URL) (bool, error) {
	k := call{name: "get.v0.hateoas_url", over: JSONRPC}
	_, header, err := c.do(ctx, request{call: k, method: "POST", url: rpcURL(base, k.name), contentType: "application/json", body: "{}"})
	if status, ok := errors.AsType[*StatusError](err); ok && status.json && !errors.Is(err, errNoCall) && !errors.Is(err, ErrBusy) {
		return true, nil
	}
	if err != nil && !meansNoSuchCall(err) {
		return false, err
	}
	return err == nil && isJSON(header), nil
}

func rpcURL(base *url.URL, method string) string { return base.String() + "slapos." + method }

// hasLegacyFolder reports whether a base is that of the legacy interface of a full Master.
func hasLegacyFolder(base *url.URL) bool { return strings.HasSuffix(base.Path, legacyFolder) }
