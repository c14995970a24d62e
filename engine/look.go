package engine

import (
	"context"
	"maps"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"
)

// fewInstances is up to how many are read one by one; the bulk read is cheaper
// for more, and tells less.
const fewInstances = 8

// mostOneByOne is how many instances are read one by one at a time, of those that
// the bulk read does not answer. Where there are more they take turns.
const mostOneByOne = 128

// look reads the instances of what is left. With an error, what was read is kept all
// the same.
func (w *waiter) look(ctx context.Context) error {
	w.read = NewState()
	w.read.Full = w.full
	for _, ref := range w.left() {
		w.read.Unread[ref.Instance] = true
	}
	names := slices.Sorted(maps.Keys(w.read.Unread))
	if len(names) > fewInstances || w.crossesProjects() {
		state, err := Observe(ctx, w.master)
		if err != nil {
			return err
		}
		w.read = state
		for _, ref := range w.left() {
			if i := w.instances[ref.Instance]; i != nil {
				w.read.adopt(i)
			}
		}
		names = w.oneByOne()
	}
	return w.read.readEach(ctx, w.master, names)
}

// oneByOne chooses what is read besides a bulk read: what that does not answer, and
// for what the nodes say, some that are still waited for.
func (w *waiter) oneByOne() []string {
	var unread, silent []string
	for _, ref := range w.left() {
		switch {
		case w.read.fulfils(ref, w.instances[ref.Instance]):
		case w.read.Unread[ref.Instance]:
			unread = append(unread, ref.Instance)
		case len(silent) < fewInstances:
			silent = append(silent, ref.Instance)
		}
	}
	names := map[string]bool{}
	for range min(len(unread), mostOneByOne) {
		names[unread[w.turn%len(unread)]] = true
		w.turn++
	}
	for _, name := range silent {
		names[name] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// readEach reads instances one by one, some at a time.
func (s *State) readEach(ctx context.Context, r Reader, names []string) error {
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(readers)
	for _, name := range names {
		group.Go(func() error {
			current, err := r.Instance(ctx, name)
			mu.Lock()
			defer mu.Unlock()
			return s.note(name, current, err)
		})
	}
	return group.Wait()
}
