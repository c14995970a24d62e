package slap

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// A Certificate is a TLS certificate and its key, both PEM. A slapproxy answers
// empty ones.
type Certificate struct {
	Certificate string
	Key         string
}

// PartitionCertificate fetches the certificate of the instance in a partition.
func (c *Client) PartitionCertificate(ctx context.Context, computer, partition string) (Certificate, error) {
	if c.only == JSONRPC {
		i, err := c.InstanceOf(ctx, computer, partition)
		if err != nil {
			return Certificate{}, err
		}
		return c.certificateByCall(ctx, call{name: "get.v0.software_instance_certificate"}, map[string]string{"instance_guid": i.GUID})
	}
	const endpoint = "getComputerPartitionCertificate"
	answer, err := c.get(ctx, call{name: endpoint}, partitionFields(computer, partition))
	if err != nil {
		return Certificate{}, err
	}
	return c.certificate(endpoint, answer)
}

// MakeNodeCertificate asks for a new certificate for a compute node. A slapproxy
// has it over JSON-RPC only, and makes none.
func (c *Client) MakeNodeCertificate(ctx context.Context, computer string) (Certificate, error) {
	return firstOf(ctx, c, "MakeNodeCertificate", func(ctx context.Context) (Certificate, error) {
		const endpoint = "generateComputerCertificate"
		answer, err := c.post(ctx, call{name: endpoint, optional: true, once: true}, url.Values{"computer_id": {computer}})
		if err != nil {
			return Certificate{}, err
		}
		return c.certificate(endpoint, answer)
	}, func(ctx context.Context) (Certificate, error) {
		return c.certificateByCall(ctx, call{name: "post.v0.compute_node_certificate", once: true}, map[string]string{"computer_guid": computer})
	})
}

// RevokeNodeCertificate ends the certificate of a compute node. A slapproxy
// has it over JSON-RPC only, and does nothing.
func (c *Client) RevokeNodeCertificate(ctx context.Context, computer string) error {
	_, err := firstOf(ctx, c, "RevokeNodeCertificate", func(ctx context.Context) (struct{}, error) {
		return struct{}{}, c.report(ctx, call{name: "revokeComputerCertificate", optional: true, once: true}, url.Values{"computer_id": {computer}})
	}, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, c.succeed(ctx, call{name: "remove.v0.compute_node_certificate", once: true}, map[string]any{"computer_guid": computer})
	})
	return err
}

// errCertificate is the error for an answer that is not a certificate and a key. It
// does not quote the answer, which may hold a part of them.
func errCertificate(target string) error {
	return &ContentError{URL: target, Want: "a certificate and a key", Message: "something else"}
}

func (c *Client) certificate(endpoint string, answer []byte) (Certificate, error) {
	dict, err := decodeMarshal[map[string]any](c, endpoint, answer)
	if err != nil {
		return Certificate{}, errCertificate(c.endpoint(endpoint))
	}
	return Certificate{Certificate: str(dict["certificate"]), Key: str(dict["key"])}, nil
}

func (c *Client) certificateByCall(ctx context.Context, k call, params map[string]string) (Certificate, error) {
	var answer struct{ Certificate, Key *string }
	if err := c.call(ctx, k, params, &answer); err != nil {
		return Certificate{}, err
	}
	if answer.Certificate == nil || answer.Key == nil {
		return Certificate{}, errCertificate(c.callURL(k.name))
	}
	return Certificate{Certificate: *answer.Certificate, Key: *answer.Key}, nil
}

// UserCertificate trades a token of the web site of a Master for a certificate of its
// user, as slapos configure client does: POST Person_getCertificate with the token in
// X-Access-Token. webURL is that of the site, such as https://panel.rapid.space; a nil
// client is one with a time-out. A full Master makes a new certificate each time, so it
// is asked once, whatever happens. The error wraps [ErrUnauthorized] for a token that is
// not valid, and [ErrRefused] when an older Master has given the user a certificate
// before. No error holds the token or the key.
func UserCertificate(ctx context.Context, client *http.Client, webURL, token string) (Certificate, error) {
	base, err := parseBaseURL("web URL", webURL)
	if err != nil {
		return Certificate{}, err
	}
	if client == nil {
		client = &http.Client{Timeout: requestTimeout}
	}
	careful := *client
	careful.CheckRedirect = checkRedirect // the token is for nobody else
	target := base.String() + "Person_getCertificate"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, nil)
	if err != nil {
		return Certificate{}, err
	}
	req.Header.Set("User-Agent", UserAgent)
	req.Header.Set("X-Access-Token", token)
	resp, err := careful.Do(req)
	if err != nil {
		return Certificate{}, transportError(ctx, err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxErrorPage))
	if err != nil {
		return Certificate{}, transportError(ctx, err)
	}
	if resp.StatusCode != http.StatusOK {
		e := newStatusError(request{method: req.Method, url: target}, resp.StatusCode, resp.Header, answer)
		if token != "" && strings.Contains(e.Type+" "+e.Value, token) {
			e.Type, e.Value = "", "" // a page that repeats what was sent
		}
		return Certificate{}, e
	}
	if string(bytes.TrimSpace(answer)) == "false" {
		return Certificate{}, fmt.Errorf("%s: %w: a certificate was given out before; revoke it first", target, ErrRefused)
	}
	var got struct{ Certificate, Key string }
	if err := json.Unmarshal(answer, &got); err != nil || got.Certificate == "" || got.Key == "" {
		return Certificate{}, errCertificate(target)
	}
	return Certificate(got), nil
}
