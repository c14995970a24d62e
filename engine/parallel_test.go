package engine_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"slapstar/engine"
	"slapstar/proxy"
	"slapstar/slap"
)

// many are n instances that need nobody.
func many(n int) files {
	return func(func(instance, key string) engine.Text) []engine.Resource {
		var list []engine.Resource
		for i := range n {
			list = append(list, declare(fmt.Sprintf("vm-%03d", i), nil))
		}
		return list
	}
}

// busiest runs an apply and returns the most requests that were under way at once.
func (m *master) busiest(t *testing.T, change func(*engine.Apply)) (apply, int64) {
	t.Helper()
	var now, most atomic.Int64
	m.before = func(slap.InstanceRequest) error {
		for n := now.Add(1); ; {
			if before := most.Load(); n <= before || most.CompareAndSwap(before, n) {
				break
			}
		}
		time.Sleep(5 * time.Millisecond)
		now.Add(-1)
		return nil
	}
	a := m.apply(t, context.Background(), many(40), change)
	if a.err != nil || len(a.outcome.Done) != 40 {
		t.Errorf("got %d done, %v", len(a.outcome.Done), a.err)
	}
	return a, most.Load()
}

// Independent changes run in parallel, as many as were asked for.
func TestApplyParallel(t *testing.T) {
	for _, want := range []int64{1, 4} {
		if _, got := newMaster(t, 0).busiest(t, func(a *engine.Apply) { a.Parallelism = int(want) }); got != want {
			t.Errorf("%d at once, want %d", got, want)
		}
	}
}

// A Master that may lose instances is asked for one at a time, whatever was asked
// for.
func TestApplySeriallyOnSlapproxy(t *testing.T) {
	m := newMaster(t, 0)
	_, got := m.busiest(t, func(a *engine.Apply) {
		a.Parallelism = 16
		replan := a.Replan
		a.Replan = func(ctx context.Context) (*engine.Plan, *engine.State, error) {
			p, s, err := replan(ctx)
			if s != nil {
				s.CreateSerially = true
			}
			return p, s, err
		}
	})
	if got != 1 {
		t.Errorf("%d at once, want 1", got)
	}
}

// With fail-fast nothing is started after a failure, and what is under way ends.
func TestApplyFailFast(t *testing.T) {
	m := newMaster(t, 0)
	m.before = func(r slap.InstanceRequest) error {
		if r.Name == "vm-002" {
			return slap.ErrNoPartition
		}
		return nil
	}
	a := m.apply(t, context.Background(), many(20), func(a *engine.Apply) { a.FailFast = true })
	if a.err != nil {
		t.Error(a.err)
	}
	if done, failed, not := len(a.outcome.Done), len(a.outcome.Failed), len(a.outcome.NotStarted); done != 2 || failed != 1 || not != 17 {
		t.Errorf("got %d done, %d failed, %d not started", done, failed, not)
	}
}

// An instance whose own time is up stops what needs it, and nothing else.
func TestApplyOwnTimeout(t *testing.T) {
	m := newMaster(t, 10*time.Millisecond)
	now := time.Unix(0, 0)
	slow := func(published func(instance, key string) engine.Text) []engine.Resource {
		db := declare("db", nil)
		db.Timeout = 30 * time.Second
		return []engine.Resource{db, declare("quick", nil),
			declare("app", map[string]engine.Text{"u": published("db", "never")}),
			declare("other", map[string]engine.Text{"u": published("quick", "url")}),
			declare("last", map[string]engine.Text{"u": published("other", "url")})}
	}
	a := m.apply(t, context.Background(), slow, func(a *engine.Apply) {
		a.Timeout = 0
		a.Now = func() time.Time { return now }
		a.Sleep = func(_ context.Context, d time.Duration) error {
			time.Sleep(5 * time.Millisecond) // for the simulated node
			now = now.Add(d)
			return nil
		}
	})
	if !errors.Is(a.err, engine.ErrNotReadyInTime) || len(a.outcome.Waits) != 1 || a.outcome.Waits[0].Key != "never" {
		t.Errorf("got %v, waits %v", a.err, a.outcome.Waits)
	}
	a.check(t, "db quick other last", "", "app")
}

// With WaitAll an apply ends when all that it changed is ready.
func TestApplyWaitAll(t *testing.T) {
	m := newMaster(t, 30*time.Millisecond)
	a := m.apply(t, context.Background(), many(12), func(a *engine.Apply) { a.WaitAll = true })
	if a.err != nil {
		t.Fatal(a.err)
	}
	list, err := m.Instances(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for name, i := range list.Instances {
		if len(i.ConnectionParameters) == 0 {
			t.Errorf("%s has published nothing", name)
		}
	}
	// The end of what is destroyed is waited for, too.
	gone := func(func(instance, key string) engine.Text) []engine.Resource {
		one := declare("vm-003", nil)
		one.State = slap.Destroyed
		return []engine.Resource{one}
	}
	if a := m.apply(t, context.Background(), gone, func(a *engine.Apply) { a.WaitAll = true }); a.err != nil {
		t.Fatal(a.err)
	}
	if _, err := m.Instance(context.Background(), "vm-003"); !errors.Is(err, slap.ErrNotFound) {
		t.Errorf("vm-003 is still there: %v", err)
	}
}

// What the Master answers "not ready" to and then does not have is asked for again.
func TestApplyNotReadyAndForgotten(t *testing.T) {
	m := newMaster(t, 0)
	tries := 0
	m.before = func(r slap.InstanceRequest) error {
		if tries++; tries < 3 {
			return slap.ErrNotReady
		}
		return nil
	}
	a := m.apply(t, context.Background(), many(1), func(a *engine.Apply) {
		a.Sleep = func(context.Context, time.Duration) error { return nil }
	})
	if a.err != nil || tries != 3 {
		t.Errorf("got %v after %d tries", a.err, tries)
	}
	// For ever: that is said.
	m.before = func(r slap.InstanceRequest) error { return slap.ErrNotReady }
	two := func(p func(instance, key string) engine.Text) []engine.Resource { return many(2)(p)[1:] }
	a = m.apply(t, context.Background(), two, func(a *engine.Apply) {
		a.Sleep = func(context.Context, time.Duration) error { return nil }
	})
	var written *engine.WrittenError
	if a.err != nil || len(a.outcome.Failed) != 1 || !errors.As(a.outcome.Errors[a.outcome.Failed[0].Address()], &written) {
		t.Errorf("got %v, failed %v", a.err, a.outcome.Errors)
	}
}

// Somebody changes what the plan declares while it is carried out: the end says so.
func TestApplyMoved(t *testing.T) {
	m := newMaster(t, time.Hour)
	ctx := context.Background()
	if a := m.apply(t, ctx, many(2), nil); a.err != nil {
		t.Fatal(a.err)
	}
	m.before = func(r slap.InstanceRequest) error {
		_, err := m.Client.RequestInstance(ctx, slap.InstanceRequest{Name: "vm-000", SoftwareRelease: release, SoftwareType: "default", State: slap.Stopped})
		return err
	}
	a := m.apply(t, ctx, many(3), nil)
	var moved *engine.MovedError
	if !errors.As(a.err, &moved) || moved.Changes[0].Address() != "instance vm-000" {
		t.Errorf("got %v", a.err)
	}
	a.check(t, "vm-002", "", "")
}

// A value that the plan shows as one that may change may be another when the rest of
// the plan comes to it.
func TestApplyValueThatMayChange(t *testing.T) {
	m := newMaster(t, 10*time.Millisecond)
	published := "one"
	app := func(value string) files {
		return func(p func(instance, key string) engine.Text) []engine.Resource {
			return []engine.Resource{
				declare("db", map[string]engine.Text{"size": engine.Literal(value)}),
				declare("slow-"+value, nil),
				declare("app", map[string]engine.Text{"db": engine.Join(engine.Literal("at "), engine.PublishedText(engine.Published{Instance: "db", Key: "url", Value: published})), "z": p("slow-"+value, "url")}),
			}
		}
	}
	if a := m.apply(t, context.Background(), app("1"), nil); a.err != nil {
		t.Fatal(a.err)
	}
	published = "two!"
	m.before = func(r slap.InstanceRequest) error {
		if r.Name == "db" {
			published = "three" // by which the node answers the new size
		}
		return nil
	}
	a := m.apply(t, context.Background(), app("2"), nil)
	if a.err != nil {
		t.Error(a.err)
	}
	a.check(t, "db slow-2 app", "", "")
	i, err := m.Instance(context.Background(), "app")
	if err != nil || i.Parameters["db"] != "at three" {
		t.Errorf("got %q, %v", i.Parameters["db"], err)
	}
}

// What somebody else destroys while the prompt stands needs no doing.
func TestApplyWhatVanished(t *testing.T) {
	m := newMaster(t, 0)
	ctx := context.Background()
	if a := m.apply(t, ctx, many(3), nil); a.err != nil {
		t.Fatal(a.err)
	}
	m.claims = []engine.Claim{{Pattern: "vm-*"}}
	two := func(p func(instance, key string) engine.Text) []engine.Resource { return many(3)(p)[:2] }
	a := m.apply(t, ctx, two, func(*engine.Apply) {
		if _, err := m.Client.RequestInstance(ctx, slap.InstanceRequest{Name: "vm-002", SoftwareRelease: release, SoftwareType: "default", State: slap.Destroyed}); err != nil {
			t.Fatal(err)
		}
		for range 500 {
			if _, err := m.Instance(ctx, "vm-002"); errors.Is(err, slap.ErrNotFound) {
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
	})
	if a.err != nil || len(a.outcome.NotStarted) > 0 || len(a.outcome.Needless) != 1 {
		t.Errorf("got %v, not started %q, needless %q", a.err, names(a.outcome.NotStarted), names(a.outcome.Needless))
	}
}

// What the bulk read does not answer is read one by one, all of it: values that never
// come do not keep others from being seen.
func TestApplyWaitsForManySharedInstances(t *testing.T) {
	m := newMaster(t, time.Millisecond)
	if _, err := m.RequestInstance(context.Background(), slap.InstanceRequest{Name: "host", SoftwareRelease: release, SoftwareType: "default"}); err != nil {
		t.Fatal(err)
	}
	f := func(published func(instance, key string) engine.Text) []engine.Resource {
		var list []engine.Resource
		for i := range 12 {
			shared := declare(fmt.Sprintf("shared-%02d", i), nil)
			shared.Shared = true
			key := "never"
			if i == 11 {
				key = "url"
			}
			list = append(list, shared, declare(fmt.Sprintf("user-%02d", i), map[string]engine.Text{"u": published(shared.Name, key)}))
		}
		return list
	}
	a := m.apply(t, context.Background(), f, func(a *engine.Apply) { hurry(a); a.Timeout = time.Minute })
	if !errors.Is(a.err, engine.ErrNotReadyInTime) || len(a.outcome.NotStarted) != 11 {
		t.Errorf("got %v, not started %q", a.err, names(a.outcome.NotStarted))
	}
}

// While it waits, an apply says what the node reports.
func TestApplySaysWhatTheNodeReports(t *testing.T) { synctest.Test(t, testApplySaysWhatTheNodeReports) }

func testApplySaysWhatTheNodeReports(t *testing.T) {
	m := openMaster(t, proxy.Options{Profile: proxy.Full, Simulator: failingNode{}})
	var said []string
	m.apply(t, context.Background(), func(published func(instance, key string) engine.Text) []engine.Resource {
		db := declare("db", nil)
		db.SLA = slap.Parameters{"computer_guid": "COMP-1"}
		return []engine.Resource{&engine.Software{SoftwareRelease: release, Computer: "COMP-1", State: slap.Available, Origin: db.Origin}, db,
			declare("app", map[string]engine.Text{"u": published("db", "url")})}
	}, func(a *engine.Apply) {
		a.Timeout = time.Minute
		report := a.Report
		a.Report = func(e engine.Event) {
			report(e)
			for _, w := range e.Waits {
				said = append(said, w.Status)
			}
		}
	})
	if len(said) == 0 || !strings.Contains(said[len(said)-1], "no space left") {
		t.Errorf("it said %q", said)
	}
}

// A failingNode installs software, and fails with instances.
type failingNode struct{ proxy.DefaultSimulator }

func (failingNode) Instance(context.Context, proxy.SimulatedInstance) (proxy.Reaction, error) {
	return proxy.Reaction{Error: "no space left on the device"}, nil
}

// A long apply reads again now and then. A change whose target somebody else has changed
// meanwhile fails, with what differs, and the others are done.
func TestApplyReadsAgain(t *testing.T) {
	m := newMaster(t, time.Hour)
	ctx := context.Background()
	if a := m.apply(t, ctx, many(20), nil); a.err != nil {
		t.Fatal(a.err)
	}
	stopped := func(func(instance, key string) engine.Text) []engine.Resource {
		list := many(20)(nil)
		for _, r := range list {
			r.(*engine.Instance).State = slap.Stopped
		}
		return list
	}
	m.before = func(r slap.InstanceRequest) error {
		if r.Name != "vm-003" {
			return nil
		}
		_, err := m.Client.RequestInstance(ctx, slap.InstanceRequest{Name: "vm-015", SoftwareRelease: release, SoftwareType: "default", State: slap.Started, Parameters: slap.Parameters{"theirs": "1"}})
		return err
	}
	var clock atomic.Int64
	a := m.apply(t, ctx, stopped, func(a *engine.Apply) {
		a.Parallelism = 1
		a.Now = func() time.Time { return time.Unix(0, 0).Add(time.Duration(clock.Add(1)) * time.Second) } // a second at each look
	})
	if err := a.outcome.Errors["instance vm-015"]; a.err != nil || len(a.outcome.Done) != 19 || len(a.outcome.Failed) != 1 ||
		err == nil || !strings.Contains(err.Error(), `theirs: the approved plan shows no change of it, now it would be "1" → absent`) {
		t.Errorf("got %v, %d done, failed %v", a.err, len(a.outcome.Done), a.outcome.Errors)
	}
}

// An application moves from one database to another, and the old one is destroyed when that
// is done; not if it fails.
func TestApplyLetsGoFirst(t *testing.T) {
	m := newMaster(t, time.Millisecond)
	ctx := context.Background()
	with := func(name string) files {
		return func(published func(instance, key string) engine.Text) []engine.Resource {
			return []engine.Resource{declare("app", map[string]engine.Text{"db": engine.Join(engine.Literal("to "), published(name, "url"))}), declare(name, nil)}
		}
	}
	if a := m.apply(t, ctx, with("b"), nil); a.err != nil {
		t.Fatal(a.err)
	}
	m.claims = []engine.Claim{{Pattern: "?"}, {Pattern: "app"}}
	m.before = func(r slap.InstanceRequest) error {
		if r.Name == "app" {
			return fmt.Errorf("%w: no", slap.ErrRefused)
		}
		return nil
	}
	a := m.apply(t, ctx, with("c"), nil)
	a.check(t, "c", "app", "b")
	m.before = nil
	if a = m.apply(t, ctx, with("c"), nil); a.err != nil {
		t.Fatal(a.err)
	}
	a.check(t, "app b", "", "")
	var order []string
	for _, e := range a.events {
		if name, ok := strings.CutPrefix(e, "started instance "); ok {
			order = append(order, name)
		}
	}
	if got := strings.Join(order, " "); got != "app b" {
		t.Errorf("started %q", got)
	}
}
