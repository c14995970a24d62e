package engine

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"slapstar/slap"
)

// A reading is what a Master says of some instances.
type reading struct {
	instances map[string]slap.Instance
	gone      map[string]bool // it has no instance of the name
}

// there reports whether what is waited for has come. want is the declaration of
// the instance, nil where there is none.
func (r reading) there(ref Reference, want *Instance) bool {
	i, read := r.instances[ref.Instance]
	if ref.Key != "" {
		_, published := i.ConnectionParameters[ref.Key]
		return published
	}
	if want != nil && want.State == slap.Destroyed {
		return r.gone[ref.Instance]
	}
	return read && Ready(i)
}

// Ready reports whether an instance has done what it was asked for, as far as its
// Master tells: it published something, or its node says that it can be reached. Of
// one that is to be stopped nothing is known but that it has a partition. A wait for
// an instance, and not for one of its connection parameters, ends with this.
func Ready(i slap.Instance) bool {
	if i.State == slap.Stopped {
		return i.Computer != "" || i.AccessStatus != ""
	}
	return len(i.ConnectionParameters) > 0 || strings.HasPrefix(i.AccessStatus, "#access")
}

// fewInstances is up to how many are read one by one; the bulk read is cheaper
// for more, and tells less.
const fewInstances = 8

// look reads the instances of some references. With an error, what was read is
// returned all the same.
func (r *run) look(ctx context.Context, list []Reference) (reading, error) {
	read := reading{instances: map[string]slap.Instance{}, gone: map[string]bool{}}
	names := map[string]bool{}
	for _, ref := range list {
		names[ref.Instance] = true
	}
	if len(names) > fewInstances {
		state, err := Observe(ctx, r.Master)
		if err != nil {
			return read, err
		}
		read.instances = state.Instances
		for name := range names {
			_, there := state.Instances[name]
			read.gone[name] = !there && !state.Unread[name]
		}
		names = r.oneByOne(state, read, list)
	}
	err := readEach(ctx, r.Master, slices.Sorted(maps.Keys(names)), read)
	r.last = read
	return read, err
}

// mostOneByOne is how many instances are read one by one at a time, of those that
// the bulk read does not answer. Where there are more they take turns.
const mostOneByOne = 128

// oneByOne chooses what is read besides a bulk read: what that does not answer, and
// for what the nodes say, some that are still waited for.
func (r *run) oneByOne(state *State, read reading, list []Reference) map[string]bool {
	var unread, silent []string
	for _, ref := range list {
		switch {
		case read.there(ref, r.declaration(ref.Instance)):
		case state.Unread[ref.Instance]:
			unread = append(unread, ref.Instance)
		case len(silent) < fewInstances:
			silent = append(silent, ref.Instance)
		}
	}
	names := map[string]bool{}
	for range min(len(unread), mostOneByOne) {
		names[unread[r.turn%len(unread)]] = true
		r.turn++
	}
	for _, name := range silent {
		names[name] = true
	}
	return names
}

// readEach reads instances one by one, some at a time.
func readEach(ctx context.Context, m Reader, names []string, read reading) error {
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(readers)
	for _, name := range names {
		group.Go(func() error {
			i, err := m.Instance(ctx, name)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case errors.Is(err, slap.ErrNotReady):
			case errors.Is(err, slap.ErrNotFound):
				read.gone[name] = true
			case err != nil:
				return err
			default:
				read.instances[name] = i
			}
			return nil
		})
	}
	return group.Wait()
}
