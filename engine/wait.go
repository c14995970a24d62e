package engine

import (
	"context"
	"errors"
	"slapstar/slap"
	"slices"
	"time"
)

// waitAll returns when all of the missing values are there.
func (r *run) waitAll(ctx context.Context, missing []Reference) error {
	for len(missing) > 0 {
		if err := r.wait(ctx, missing); err != nil {
			return err
		}
		state, err := r.look(ctx, missing)
		if err != nil {
			return err
		}
		missing = slices.DeleteFunc(missing, func(ref Reference) bool {
			_, there := state.ConnectionParameter(ref.Instance, ref.Key)
			return there
		})
	}
	return nil
}

// wait returns when one of the missing values is there.
func (r *run) wait(ctx context.Context, missing []Reference) error {
	begin := r.Now()
	reported := time.Duration(-1)
	var err error // of the last look
	for {
		elapsed := r.Now().Sub(begin)
		if reported < 0 || elapsed-reported >= 10*time.Second {
			r.Report(Event{Kind: Waiting, Missing: missing, Elapsed: elapsed, Limit: r.Timeout, Err: err})
			reported = elapsed
		}
		var ready bool
		if ready, err = r.published(ctx, missing); err != nil && !passes(err) {
			return err
		}
		if ready {
			r.waited += elapsed
			return nil
		}
		if r.Timeout > 0 && r.waited+elapsed >= r.Timeout || r.tooLong(missing, elapsed) {
			return ErrNotReadyInTime
		}
		if err := r.Sleep(ctx, pollDelay(elapsed)); err != nil {
			return err
		}
	}
}

// passes reports whether an error does not end a wait of an hour: a Master that
// is away for a while, or one that has not come to the request yet.
func passes(err error) bool {
	return errors.Is(err, slap.ErrUnreachable) || errors.Is(err, slap.ErrBusy) || errors.Is(err, slap.ErrNotFound)
}

// pollDelay asks often at first and seldom later: a simulated node answers at
// once, a real one builds for an hour.
func pollDelay(elapsed time.Duration) time.Duration {
	return min(max(elapsed/10, 100*time.Millisecond), 10*time.Second)
}

// fewInstances is up to how many are read one by one; the bulk read is cheaper
// for more.
const fewInstances = 8

// tooLong reports whether the time of an instance is up.
func (r *run) tooLong(missing []Reference, elapsed time.Duration) bool {
	return slices.ContainsFunc(missing, func(ref Reference) bool {
		c := r.shown[InstanceAddress(ref.Instance)]
		if c == nil {
			return false
		}
		i, ok := c.Resource.(*Instance)
		return ok && i.Timeout > 0 && elapsed >= i.Timeout
	})
}

// published reports whether one of the missing values is there.
func (r *run) published(ctx context.Context, missing []Reference) (bool, error) {
	state, err := r.look(ctx, missing)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(missing, func(ref Reference) bool {
		_, there := state.ConnectionParameter(ref.Instance, ref.Key)
		return there
	}), nil
}

// look reads the instances of some values.
func (r *run) look(ctx context.Context, missing []Reference) (*State, error) {
	config, names := &Config{}, map[string]bool{}
	for _, ref := range missing {
		if !names[ref.Instance] {
			names[ref.Instance] = true
			config.Resources = append(config.Resources, &Instance{
				Name:   ref.Instance,
				Origin: Origin{Stack: []Frame{{Position: ref.Position}}},
			})
		}
	}
	state := &State{Instances: map[string]slap.Instance{}, NotReady: map[string]bool{}, Unread: names}
	if len(names) > fewInstances {
		var err error
		if state, err = Observe(ctx, r.Master); err != nil {
			return nil, err
		}
	}
	_, err := state.Complete(ctx, r.Master, config)
	return state, err
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
