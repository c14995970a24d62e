package engine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"slapstar/engine"
	"slapstar/proxy"
	"slapstar/slap"
)

// lagging opens a full Master whose catalogue needs some time; in a bubble of
// [synctest], that is over at once.
func lagging(t *testing.T, delay time.Duration) *master {
	t.Helper()
	if delay == 0 {
		delay = -1
	}
	return openMaster(t, proxy.Options{Profile: proxy.Full, CatalogDelay: delay, Simulator: proxy.DefaultSimulator{Delay: 100 * time.Millisecond}})
}

// written counts what was asked for, by name, of instances and of software.
func (m *master) Supply(ctx context.Context, s slap.SoftwareInstallation) error {
	m.mu.Lock()
	m.requests = append(m.requests, "software "+s.Computer)
	m.mu.Unlock()
	return m.Client.Supply(ctx, s)
}

func byDefault(a *engine.Apply) { a.Parallelism, a.Timeout = 0, time.Hour }

// once wants each of an apply's changes to be written once and to be done once.
func (m *master) once(t *testing.T, a apply, want ...string) {
	t.Helper()
	if a.err != nil || len(a.outcome.Failed)+len(a.outcome.NotStarted) > 0 {
		t.Errorf("got %v, %v", a.err, a.outcome.Errors)
	}
	got := slices.Sorted(slices.Values(m.requests))
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("it wrote %q, want %q", got, want)
	}
	done := map[string]int{}
	for _, e := range a.events {
		if strings.HasPrefix(e, "done ") {
			done[e]++
		}
	}
	for e, n := range done {
		if n != 1 {
			t.Errorf("%q was said %d times", e, n)
		}
	}
	if len(done) != len(want) {
		t.Errorf("done was said of %v, want %q", done, want)
	}
	m.requests = nil
}

// However late a full Master lists what it took, each resource is asked for once, and the
// plan is empty afterwards: software, a creation and what uses it; changes; the end, and
// the same names at once again.
func TestLateCatalogue(t *testing.T) {
	for _, delay := range []time.Duration{0, 300 * time.Millisecond, 3 * time.Second, 20 * time.Second} {
		t.Run(delay.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m, ctx := lagging(t, delay), context.Background()
				m.once(t, m.apply(t, ctx, onNode(nil), byDefault), "software COMP-1", "db", "app")
				m.settled(t, onNode(nil))
				changed := onNode(func(db, _ *engine.Instance) { db.Parameters["size"] = engine.Literal("2") })
				m.once(t, m.apply(t, ctx, changed, byDefault), "db")
				m.settled(t, changed)
				time.Sleep(delay + time.Second) // the instance of a tree is listed later than the tree
				gone := onNode(func(db, app *engine.Instance) {
					db.State, app.State, app.Parameters = slap.Destroyed, slap.Destroyed, nil
				})
				m.once(t, m.apply(t, ctx, gone, byDefault), "db", "app")
				m.settled(t, gone)
				m.once(t, m.apply(t, ctx, onNode(nil), byDefault), "db", "app")
				m.settled(t, onNode(nil))
			})
		})
	}
}

// What was created just before is destroyed: its tree is listed, its instance is not, and the
// Master answers for a while that it is in progress. It is asked again seldom.
func TestDestroyedInTheDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, ctx := lagging(t, 20*time.Second), context.Background()
		if a := m.apply(t, ctx, onNode(nil), byDefault); a.err != nil {
			t.Fatal(a.err)
		}
		m.requests = nil
		gone := onNode(func(db, app *engine.Instance) {
			db.State, app.State, app.Parameters = slap.Destroyed, slap.Destroyed, nil
		})
		a := m.apply(t, ctx, gone, byDefault)
		a.check(t, "app db", "", "")
		if a.err != nil || len(m.requests) > 8 {
			t.Errorf("got %v, and it asked %q", a.err, m.requests)
		}
		m.settled(t, gone)
	})
}

// An apply that was killed before anything was listed is started again: it plans the
// same once more, hears that it is under way, and waits for that.
func TestKilledInTheDelay(t *testing.T) {
	for _, delay := range []time.Duration{300 * time.Millisecond, 3 * time.Second, 20 * time.Second} {
		t.Run(delay.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m, ctx := lagging(t, delay), context.Background()
				if err := m.Client.Supply(ctx, slap.SoftwareInstallation{SoftwareRelease: release, Computer: "COMP-1"}); err != nil {
					t.Fatal(err)
				}
				first := declare("db", map[string]engine.Text{"size": engine.Literal("1")})
				_, err := m.Client.RequestInstance(ctx, slap.InstanceRequest{Name: "db", SoftwareRelease: release, SoftwareType: first.SoftwareType, State: first.State,
					Parameters: slap.Parameters{"size": "1"}, SLA: slap.Parameters{"computer_guid": "COMP-1"}})
				if !slap.MeaningOf(err).Taken() && err != nil {
					t.Fatal(err)
				}
				m.once(t, m.apply(t, ctx, onNode(nil), byDefault), "software COMP-1", "db", "app")
				m.settled(t, onNode(nil))
			})
		})
	}
}

// Creations that hinder each other are made one at a time, and again; nothing fails.
func TestConflicts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := openMaster(t, proxy.Options{Profile: proxy.Full, MaxCreations: 1, CreationTime: 100 * time.Millisecond, Simulator: proxy.DefaultSimulator{}})
		f := func(func(instance, key string) engine.Text) (list []engine.Resource) {
			for i := range 30 {
				list = append(list, declare(fmt.Sprintf("vm-%02d", i), nil))
			}
			return list
		}
		begin := time.Now()
		a := m.apply(t, context.Background(), f, func(a *engine.Apply) { a.Parallelism = 8 })
		if a.err != nil || len(a.outcome.Done) != 30 || !slices.Contains(a.events, "postponed") || len(m.requests) > 45 {
			t.Errorf("got %v, %v, %d requests, %q", a.err, a.outcome.Errors, len(m.requests), a.events)
		}
		if took := time.Since(begin); took > 30*time.Second {
			t.Errorf("it took %s", took)
		}
		m.settled(t, f)
	})
}

// Patience has an end, which the time of an apply bounds: what was taken and is not listed
// then has failed, as far as can be seen, and was asked for once.
func TestPatienceEnds(t *testing.T) {
	for _, test := range []struct {
		name              string
		patience, timeout time.Duration
		took              time.Duration
		late              bool
	}{
		{"of the apply", 0, time.Hour, 2 * time.Minute, false},
		{"given", 30 * time.Second, time.Hour, 30 * time.Second, false},
		{"the time is up", 0, 20 * time.Second, 20 * time.Second, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m, begin := lagging(t, time.Hour), time.Now()
				a := m.apply(t, context.Background(), func(func(instance, key string) engine.Text) []engine.Resource {
					return []engine.Resource{declare("db", nil)}
				}, func(a *engine.Apply) { a.Patience, a.Timeout = test.patience, test.timeout })
				took := time.Since(begin)
				if late := errors.Is(a.err, engine.ErrNotReadyInTime); late != test.late || took < test.took || took > test.took+10*time.Second || len(m.requests) != 1 {
					t.Errorf("got %v after %s and %d requests, want %s", a.err, took, len(m.requests), test.took)
				}
				a.check(t, "", "db", "")
				if err := fmt.Sprint(a.outcome.Errors["instance db"]); !strings.HasPrefix(err, "the Master took it, and has not listed it for ") {
					t.Errorf("got %s", err)
				}
				if !slices.Contains(a.events, "unlisted") {
					t.Errorf("nothing was said of the wait: %q", a.events)
				}
			})
		})
	}
}

// An outcome says how long the Master took to list what was seen unlisted; software that
// nothing waits for is looked at until it is listed.
func TestLag(t *testing.T) {
	for _, delay := range []time.Duration{0, 3 * time.Second, 20 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			m, ctx := lagging(t, delay), context.Background()
			software := func(func(instance, key string) engine.Text) []engine.Resource {
				return []engine.Resource{&engine.Software{SoftwareRelease: release, Computer: "COMP-1", State: slap.Available}}
			}
			a := m.apply(t, ctx, software, byDefault)
			if a.err != nil {
				t.Fatal(a.err)
			}
			lag := a.outcome.Lag
			if delay == 0 && lag != 0 || delay > 0 && (lag < delay || lag > delay+5*time.Second) {
				t.Errorf("delay %s: got %s", delay, lag)
			}
			if again := m.apply(t, ctx, software, byDefault); again.err != nil || again.outcome.Lag != 0 {
				t.Errorf("delay %s: nothing was written, and the lag is %s (%v)", delay, again.outcome.Lag, again.err)
			}
		})
	}
}
