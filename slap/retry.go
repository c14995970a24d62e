package slap

import (
	"context"
	"errors"
	"net/http"
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

// passing reports whether the same request may succeed a moment later. "Not ready" does
// not count: it is an answer. A failed connection counts only after the Master has
// answered once; before that there may be no Master.
func (c *Client) passing(err error) bool {
	return errors.Is(err, ErrBusy) || errors.Is(err, ErrUnreachable) && c.answered.Load()
}

// do sends a request as often as the call and the policy allow.
func (c *Client) do(ctx context.Context, r request) ([]byte, http.Header, error) {
	type answer struct {
		body   []byte
		header http.Header
	}
	a, err := backoff.Retry(ctx, func() (answer, error) {
		content, header, err := c.send(ctx, r)
		if err != nil && (r.once || !c.passing(err)) {
			err = backoff.Permanent(err)
		}
		return answer{content, header}, err
	}, c.retry.options()...)
	if permanent, ok := errors.AsType[*backoff.PermanentError](err); ok { // of the last try: that one is not unwrapped
		err = permanent.Err
	}
	if err != nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	return a.body, a.header, err
}
