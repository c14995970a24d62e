package slap

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// A RetryPolicy says how long a request that failed for now is repeated. The waits
// between two tries double, with jitter, up to 5 s. The context ends them, too.
//
// What a Master has taken ([InProgress], [NotReady]) and what it cannot take yet because the
// name is on its way out ([OnItsWayOut]) is never asked for again here: whoever asked
// reads the listing until that changes.
type RetryPolicy struct {
	Patience time.Duration // with what a Master says of itself and what passes: a cache that is filled, two writes that met; 0 means 2 min
	Faults   time.Duration // with what nobody explains: a broken connection, an error of a gateway, an internal error of a slapproxy; 0 means 15 s
	Tries    uint          // at most, the first one included; 0 means as many as there is patience for, 1 never repeats
	Initial  time.Duration // about how long the first wait is; 0 means 250 ms
	Notify   func(Retry)   // told before each wait; may be nil
}

// A Retry is a request that is going to be repeated.
type Retry struct {
	Err      error         // of the last try; [MeaningOf] tells more
	Wait     time.Duration // until the next one
	Elapsed  time.Duration // since the first one
	Patience time.Duration // how long in all
}

// longestWait is the longest wait between two tries, without jitter.
const longestWait = 5 * time.Second

func (p RetryPolicy) orDefaults() RetryPolicy {
	if p.Patience == 0 {
		p.Patience = 2 * time.Minute
	}
	if p.Faults == 0 {
		p.Faults = 15 * time.Second
	}
	if p.Initial == 0 {
		p.Initial = 250 * time.Millisecond
	}
	return p
}

func (p RetryPolicy) waits() *backoff.ExponentialBackOff {
	waits := backoff.NewExponentialBackOff()
	waits.InitialInterval, waits.Multiplier, waits.MaxInterval = p.Initial, 2, max(longestWait, p.Initial)
	waits.Reset()
	return waits
}

// patience is how long a request is repeated that fails in this way; 0: not at all. "Not
// ready" is an answer. A failed connection counts only after the Master has answered
// once; before that there may be no Master.
func (c *Client) patience(r request, err error) time.Duration {
	status, answered := errors.AsType[*StatusError](err)
	switch {
	case r.once, errors.Is(err, ErrTaken) && r.asks(), errors.Is(err, ErrGoing):
		return 0
	case errors.Is(err, ErrBusy) && (r.cached || answered && (status.page || status.Meaning != Busy)):
		return c.retry.Patience
	case errors.Is(err, ErrBusy), errors.Is(err, ErrUnreachable) && c.answered.Load():
		return c.retry.Faults
	}
	return 0
}

// do sends a request as often as the call and the policy allow.
func (c *Client) do(ctx context.Context, r request) ([]byte, http.Header, error) {
	begin, waits := time.Now(), c.retry.waits()
	for try := uint(1); ; try++ {
		content, header, err := c.send(ctx, r)
		if err == nil {
			return content, header, nil
		}
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		patience, elapsed := c.patience(r, err), time.Since(begin)
		switch {
		case patience == 0, isFinishing(ctx) && MeaningOf(err) == Conflicting, c.retry.Tries > 0 && try >= c.retry.Tries:
			return nil, nil, err
		case elapsed >= patience:
			return nil, nil, fmt.Errorf("%w (tried %d times in %s)", err, try, elapsed.Round(time.Second))
		}
		wait := min(waits.NextBackOff(), patience-elapsed)
		if c.retry.Notify != nil {
			c.retry.Notify(Retry{Err: err, Wait: wait, Elapsed: elapsed, Patience: patience})
		}
		if pause(ctx, wait) != nil {
			if ctx.Err() == nil { // it is finished, and only not tried again
				return nil, nil, err
			}
			return nil, nil, ctx.Err()
		}
	}
}

type finishingKey struct{}

// Finishing returns a context that does not end with ctx, for a request that is not to be
// cut off once it is sent. It is not repeated, however, after ctx has ended; nor when it met
// another write ([Conflicting]): whoever has several under way is to have fewer.
func Finishing(ctx context.Context) context.Context {
	return context.WithValue(context.WithoutCancel(ctx), finishingKey{}, ctx)
}

func isFinishing(ctx context.Context) bool { return ctx.Value(finishingKey{}) != nil }

// pause waits, and returns an error if ctx ends first, or the one that is being finished.
func pause(ctx context.Context, d time.Duration) error {
	if outer, ok := ctx.Value(finishingKey{}).(context.Context); ok {
		ctx = outer
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
