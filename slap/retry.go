package slap

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// A RetryPolicy says how a request that failed for now is repeated. Waits
// double, with jitter.
type RetryPolicy struct {
	Tries   uint                       // at most, the first one included; 0 means 4, 1 never repeats
	Initial time.Duration              // first wait; 0 means 250 ms
	Notify  func(error, time.Duration) // told before each wait; may be nil
}

func (p RetryPolicy) options() []backoff.RetryOption {
	if p.Tries == 0 {
		p.Tries = 4
	}
	waits := backoff.NewExponentialBackOff()
	waits.InitialInterval = p.Initial
	if waits.InitialInterval == 0 {
		waits.InitialInterval = 250 * time.Millisecond
	}
	waits.Multiplier = 2
	options := []backoff.RetryOption{backoff.WithMaxTries(p.Tries), backoff.WithBackOff(waits)}
	if p.Notify != nil {
		options = append(options, backoff.WithNotify(p.Notify))
	}
	return options
}

// passing reports whether an error may be gone the next time. "Not ready" is
// not one of them: it is an answer. Nor is a failed connection before the
// Master has answered at all: then there is none. An internal error is one when
// something was asked for (a slapproxy under load fails some requests so), and
// not when something was read (there it means "not found").
func (c *Client) passing(err error) bool {
	var status *StatusError
	switch {
	case errors.Is(err, ErrBusy):
		return true
	case errors.Is(err, ErrRefused):
		return false
	case errors.Is(err, ErrUnreachable):
		return c.answered.Load()
	case errors.As(err, &status):
		return status.Code == http.StatusInternalServerError && status.Method == http.MethodPost && !status.json
	}
	return false
}

// calledOnce are the endpoints that may not be called twice for one call: a Master
// takes most requests as a wish, and the same wish twice is one, but these make
// something new each time, count, or end what may be something else by then.
var calledOnce = map[string]bool{
	"Base_getComputerToken":                              true,
	"destroyedComputerPartition":                         true,
	"destroyedSoftwareRelease":                           true,
	"generateComputerCertificate":                        true,
	"requestComputer":                                    true,
	"revokeComputerCertificate":                          true,
	"softwareInstanceRename":                             true,
	"useComputer":                                        true,
	"slapos.post.v0.compute_node_certificate":            true,
	"slapos.post.v0.compute_node_usage":                  true,
	"slapos.put.v0.software_installation_reported_state": true,
	"slapos.put.v0.software_instance_reported_state":     true,
	"slapos.put.v0.software_instance_title":              true,
	"slapos.remove.v0.compute_node_certificate":          true,
}

// do sends a request as often as the policy allows.
func (c *Client) do(ctx context.Context, method, target, contentType, body string) ([]byte, http.Header, error) {
	type answer struct {
		body   []byte
		header http.Header
	}
	a, err := backoff.Retry(ctx, func() (answer, error) {
		content, header, err := c.once(ctx, method, target, contentType, strings.NewReader(body))
		if err != nil && (!c.passing(err) || calledOnce[endpointOf(target)]) {
			err = backoff.Permanent(err)
		}
		return answer{content, header}, err
	}, c.retry.options()...)
	var permanent *backoff.PermanentError // of the last try: that one is not unwrapped
	if errors.As(err, &permanent) {
		err = permanent.Err
	}
	if err != nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	return a.body, a.header, err
}

// endpointOf is the last element of the path of a URL.
func endpointOf(target string) string {
	target, _, _ = strings.Cut(target, "?")
	return target[strings.LastIndexByte(target, '/')+1:]
}
