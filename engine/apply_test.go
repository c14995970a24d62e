package engine_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slapstar/engine"
	"slapstar/proxy"
	"slapstar/slap"
)

const release = "https://lab.example/software.cfg"

// A master is an embedded Master on which a test injects faults.
type master struct {
	*slap.Client
	server   *proxy.Server
	mu       sync.Mutex
	requests []string // names of the instances that were asked for

	claims []engine.Claim

	before func(slap.InstanceRequest) error // nil: no fault; an error is the answer
	away   int                              // how many reads of one instance fail
	forget string                           // an instance whose request is answered and not carried out
}

func (m *master) RequestInstance(ctx context.Context, r slap.InstanceRequest) (slap.Instance, error) {
	m.mu.Lock()
	m.requests = append(m.requests, r.Name)
	m.mu.Unlock()
	if m.before != nil {
		if err := m.before(r); err != nil {
			return slap.Instance{}, err
		}
	}
	if r.Name == m.forget {
		return slap.Instance{InstanceRequest: r}, nil
	}
	return m.Client.RequestInstance(ctx, r)
}

// Instance is what a wait asks.
func (m *master) Instance(ctx context.Context, name string) (slap.Instance, error) {
	if m.away > 0 && len(m.requests) > 0 {
		m.away--
		return slap.Instance{}, fmt.Errorf("%w: it is away", slap.ErrUnreachable)
	}
	return m.Client.Instance(ctx, name)
}

func newMaster(t *testing.T, delay time.Duration) *master {
	t.Helper()
	return openMaster(t, proxy.Options{Simulator: proxy.DefaultSimulator{Delay: delay}})
}

func openMaster(t *testing.T, o proxy.Options) *master {
	t.Helper()
	o.Computer = "local_computer"
	server, err := proxy.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	transport, closeServing := server.Transport()
	client, err := slap.NewClient(slap.Options{MasterURL: "http://embedded" + o.Profile.MasterPath(), JSONRPCURL: "http://embedded" + o.Profile.JSONRPCPath(), Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		closeServing()
		server.Close()
	})
	return &master{Client: client, server: server}
}

// files stand for the evaluation: a function from what is published to what is
// declared.
type files func(published func(instance, key string) engine.Text) []engine.Resource

func (m *master) plan(f files) func(context.Context) (*engine.Plan, *engine.State, error) {
	return func(ctx context.Context) (*engine.Plan, *engine.State, error) {
		state, err := engine.Observe(ctx, m)
		if err != nil {
			return nil, nil, err
		}
		for {
			config := &engine.Config{Claims: m.claims, Resources: f(func(instance, key string) engine.Text {
				if value, ok := state.Find(engine.Reference{Instance: instance, Key: key}); ok {
					return engine.PublishedText(engine.Published{Instance: instance, Key: key, Value: value})
				}
				return engine.Refer(engine.Reference{Instance: instance, Key: key})
			})}
			more, err := state.Complete(ctx, m, config)
			if err != nil {
				return nil, nil, err
			}
			if more { // what was read may be what is referred to
				continue
			}
			p, err := engine.NewPlan(config, state, engine.Options{})
			return p, state, err
		}
	}
}

func declare(name string, parameters map[string]engine.Text) *engine.Instance {
	return &engine.Instance{Name: name, SoftwareRelease: release, SoftwareType: slap.DefaultType, State: slap.Started, Parameters: parameters,
		Origin: engine.Origin{Stack: []engine.Frame{{Position: engine.Position{File: "main.star", Line: 1, Col: 1}}}}}
}

// chain is a database, an application that uses it, a frontend before that,
// and a service that needs nobody.
func chain(published func(instance, key string) engine.Text) []engine.Resource {
	return []engine.Resource{
		declare("frontend", map[string]engine.Text{"app": engine.Join(engine.Literal("to "), published("app", "url"))}),
		declare("app", map[string]engine.Text{"db": published("db", "url"), "again": published("db", "ipv6")}),
		declare("db", nil),
		declare("alone", nil),
	}
}

type apply struct {
	outcome *engine.Outcome
	err     error
	events  []string
}

func (m *master) apply(t *testing.T, ctx context.Context, f files, change func(*engine.Apply)) apply {
	t.Helper()
	replan := m.plan(f)
	approved, _, err := replan(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var result apply
	a := engine.Apply{Master: m, Plan: approved, Replan: replan, Parallelism: 1, Timeout: 20 * time.Second, Report: func(e engine.Event) {
		text := string(e.Kind)
		if e.Change != nil {
			text += " " + string(e.Change.Address())
		}
		for _, r := range e.Waits {
			text += " " + r.Instance + "." + r.Key
		}
		result.events = append(result.events, text)
	}}
	if change != nil {
		change(&a)
	}
	result.outcome, result.err = a.Run(ctx)
	return result
}

func names(changes []*engine.Change) []string {
	var list []string
	for _, c := range changes {
		list = append(list, strings.TrimPrefix(string(c.Address()), "instance "))
	}
	return list
}

// check compares the three lists of an outcome, each separated by spaces.
func (a apply) check(t *testing.T, done, failed, notStarted string) {
	t.Helper()
	got := fmt.Sprintf("done %q, failed %q, not started %q", names(a.outcome.Done), names(a.outcome.Failed), names(a.outcome.NotStarted))
	want := fmt.Sprintf("done %q, failed %q, not started %q", strings.Fields(done), strings.Fields(failed), strings.Fields(notStarted))
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestApplyChain(t *testing.T) {
	m := newMaster(t, 10*time.Millisecond)
	a := m.apply(t, context.Background(), chain, nil)
	if a.err != nil {
		t.Fatal(a.err)
	}
	a.check(t, "frontend app db alone", "", "")
	want := []string{ // one change at a time
		"started instance db", "done instance db", "started instance alone", "done instance alone",
		"waiting db.ipv6 db.url", "arrived db.ipv6 db.url", "started instance app", "done instance app",
		"waiting app.url", "arrived app.url", "started instance frontend", "done instance frontend",
	}
	if diff := cmp.Diff(want, a.events); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	list, err := m.Instances(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := list.Instances["frontend"].Parameters["app"], "to "+list.Instances["app"].ConnectionParameters["url"]; got != want {
		t.Errorf("frontend got %q, want %q", got, want)
	}
	p, _, err := m.plan(chain)(context.Background())
	if err != nil || p.Pending() {
		t.Errorf("the plan after apply is not empty: %v, %v", p, err)
	}
}

// A value that comes out as it was needs no write, and is not called "not
// started".
func TestApplyNeedless(t *testing.T) {
	m := newMaster(t, 0)
	ctx := context.Background()
	if a := m.apply(t, ctx, chain, nil); a.err != nil {
		t.Fatal(a.err)
	}
	gone := func(published func(instance, key string) engine.Text) []engine.Resource {
		db := declare("db", nil)
		db.State = slap.Destroyed
		return []engine.Resource{db}
	}
	if a := m.apply(t, ctx, gone, nil); a.err != nil {
		t.Fatal(a.err)
	}
	for range 500 {
		if _, err := m.Instance(ctx, "db"); errors.Is(err, slap.ErrNotFound) {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	a := m.apply(t, ctx, chain, nil)
	if a.err != nil {
		t.Fatal(a.err)
	}
	a.check(t, "db", "", "")
	if got := names(a.outcome.Needless); !cmp.Equal(got, []string{"app"}) {
		t.Errorf("needless: got %q, want app", got)
	}
}

// A Master whose reads contradict each other is not asked without a pause, and
// not for ever.
func TestApplyContradictingReads(t *testing.T) {
	m := newMaster(t, 0)
	blind := func(func(instance, key string) engine.Text) []engine.Resource {
		return chain(func(instance, key string) engine.Text {
			return engine.Refer(engine.Reference{Instance: instance, Key: key})
		})
	}
	now, pauses := time.Unix(0, 0), 0
	a := m.apply(t, context.Background(), blind, func(a *engine.Apply) {
		a.Timeout = time.Minute
		a.Now = func() time.Time { return now }
		a.Sleep = func(_ context.Context, d time.Duration) error {
			time.Sleep(time.Millisecond) // for the simulated node
			now = now.Add(d)
			pauses++
			return nil
		}
	})
	if !errors.Is(a.err, engine.ErrNotReadyInTime) || pauses < 50 {
		t.Errorf("got error %v after %d pauses", a.err, pauses)
	}
}

// A Master that is away for a while does not end a wait.
func TestApplyWaitsForTheMaster(t *testing.T) {
	m := newMaster(t, 10*time.Millisecond)
	m.away = 3
	a := m.apply(t, context.Background(), chain, nil)
	if a.err != nil {
		t.Error(a.err)
	}
	a.check(t, "frontend app db alone", "", "")
	if m.away != 0 {
		t.Errorf("%d faults were not met", m.away)
	}
}

// Many layers of instances that each need both of the layer before: what cannot
// come is found without trying every way to it.
func TestApplyFailureInAWideGraph(t *testing.T) {
	m := newMaster(t, 0)
	m.before = func(r slap.InstanceRequest) error { return slap.ErrNoPartition }
	layers := func(published func(instance, key string) engine.Text) []engine.Resource {
		list := []engine.Resource{declare("0a", nil), declare("0b", nil)}
		for n := 1; n < 60; n++ {
			for _, side := range []string{"a", "b"} {
				list = append(list, declare(fmt.Sprint(n, side), map[string]engine.Text{
					"a": published(fmt.Sprint(n-1, "a"), "url"), "b": published(fmt.Sprint(n-1, "b"), "url"),
				}))
			}
		}
		return list
	}
	a := m.apply(t, context.Background(), layers, nil)
	if a.err != nil || len(a.outcome.Failed) != 2 || len(a.outcome.NotStarted) != 118 {
		t.Errorf("got %d failed and %d not started, %v", len(a.outcome.Failed), len(a.outcome.NotStarted), a.err)
	}
}

// An instance that is not ready, and whose parameters need a value that is not
// known, can be destroyed all the same.
func TestApplyDestroysWhatIsNotReady(t *testing.T) {
	m := newMaster(t, time.Hour)
	var sent slap.InstanceRequest
	m.before = func(r slap.InstanceRequest) error { sent = r; return slap.ErrNotReady }
	replan := func(context.Context) (*engine.Plan, *engine.State, error) {
		app := declare("app", map[string]engine.Text{"known": engine.Literal("1"), "db": engine.Refer(engine.Reference{Instance: "db", Key: "url"})})
		app.State = slap.Destroyed
		s := &engine.State{NotReady: map[string]bool{"app": sent.Name == ""}}
		p, err := engine.NewPlan(&engine.Config{Resources: []engine.Resource{app}}, s, engine.Options{})
		return p, s, err
	}
	approved, _, err := replan(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (engine.Apply{Master: m, Plan: approved, Replan: replan}).Run(context.Background()); err != nil {
		t.Error(err)
	}
	if sent.Name != "app" || sent.State != slap.Destroyed || len(sent.Parameters) != 1 {
		t.Errorf("sent %+v", sent)
	}
}

// A failed change stops what depends on it, directly or not, and nothing else.
func TestApplyFailure(t *testing.T) {
	m := newMaster(t, 0)
	m.before = func(r slap.InstanceRequest) error {
		if r.Name == "db" {
			return slap.ErrNoPartition
		}
		return nil
	}
	a := m.apply(t, context.Background(), chain, nil)
	if a.err != nil {
		t.Errorf("got error %v", a.err)
	}
	a.check(t, "alone", "db", "frontend app")
	if !errors.Is(a.outcome.Errors["instance db"], slap.ErrNoPartition) {
		t.Errorf("got %v", a.outcome.Errors)
	}
	if diff := cmp.Diff([]string{"db", "alone"}, m.requests); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	// Once the fault is over, applying again is all it takes.
	m.before = nil
	if a := m.apply(t, context.Background(), chain, nil); a.err != nil {
		t.Error(a.err)
	} else {
		a.check(t, "frontend app db", "", "")
	}
}

// "Not ready" as the answer to a request: it was taken.
func TestApplyNotReadyAnswer(t *testing.T) {
	m := newMaster(t, 0)
	m.before = func(r slap.InstanceRequest) error {
		if _, err := m.Client.RequestInstance(context.Background(), r); err != nil {
			return err
		}
		return slap.ErrNotReady
	}
	a := m.apply(t, context.Background(), chain, nil)
	if a.err != nil {
		t.Error(a.err)
	}
	a.check(t, "frontend app db alone", "", "")
}

// The Master answers success and does nothing: apply does not believe it.
func TestApplyForgottenWrite(t *testing.T) {
	m := newMaster(t, 0)
	m.forget = "alone"
	a := m.apply(t, context.Background(), chain, nil)
	var written *engine.WrittenError
	if err := a.outcome.Errors["instance alone"]; !errors.As(err, &written) || !strings.Contains(err.Error(), "the Master took it, and now has something else: it still needs create") {
		t.Errorf("got error %v", err)
	}
	if len(a.outcome.Failed) != 1 { // the counts say what there is
		t.Errorf("%d failed, want 1", len(a.outcome.Failed))
	}
}

// The Master has moved on between the plan and the approval: nothing is written.
func TestApplyStalePlan(t *testing.T) {
	m := newMaster(t, time.Hour)
	ctx := context.Background()
	if _, err := m.RequestInstance(ctx, slap.InstanceRequest{Name: "alone", SoftwareRelease: release, SoftwareType: "default", Parameters: slap.Parameters{"a": "1"}}); err != nil {
		t.Fatal(err)
	}
	m.requests = nil
	a := m.apply(t, ctx, chain, func(a *engine.Apply) {
		if _, err := m.Client.RequestInstance(ctx, slap.InstanceRequest{Name: "alone", SoftwareRelease: release, SoftwareType: "default", Parameters: slap.Parameters{"a": "2"}}); err != nil {
			t.Fatal(err)
		}
	})
	var stale *engine.NotApprovedError
	if !errors.As(a.err, &stale) || !strings.Contains(a.err.Error(), `a: the approved plan shows "1" → absent, now it would be "2" → absent`) {
		t.Errorf("got error %v", a.err)
	}
	a.check(t, "", "", "frontend app db alone")
	if len(m.requests) > 0 {
		t.Errorf("it wrote %q", m.requests)
	}
}

// Somebody edits an instance while apply waits: apply stops before it would do
// what was not shown.
func TestApplyStaleBetweenStages(t *testing.T) {
	m := newMaster(t, 10*time.Millisecond)
	calls := 0
	edited := func(published func(instance, key string) engine.Text) []engine.Resource {
		calls++
		list := chain(published)
		if calls > 2 { // the approved plan, the first stage, and then
			list[3].(*engine.Instance).Parameters = map[string]engine.Text{"new": engine.Literal("x")}
			list[0].(*engine.Instance).Parameters["other"] = engine.Literal("y")
		}
		return list
	}
	a := m.apply(t, context.Background(), edited, nil)
	var diverged *engine.DivergedError
	if !errors.As(a.err, &diverged) || diverged.Attribute != "other" && diverged.Attribute != "new" {
		t.Errorf("got error %v", a.err)
	}
	a.check(t, "db alone", "", "frontend app")
}

func TestApplyTimeout(t *testing.T) {
	m := newMaster(t, time.Hour)
	now := time.Unix(0, 0)
	a := m.apply(t, context.Background(), chain, func(a *engine.Apply) {
		a.Timeout = time.Minute
		a.Now = func() time.Time { return now }
		a.Sleep = func(_ context.Context, d time.Duration) error { now = now.Add(d); return nil }
	})
	if !errors.Is(a.err, engine.ErrNotReadyInTime) {
		t.Errorf("got error %v, want %v", a.err, engine.ErrNotReadyInTime)
	}
	a.check(t, "db alone", "", "frontend app")
	if len(a.outcome.Waits) != 2 || a.outcome.Waits[1].Key != "url" {
		t.Errorf("missing: got %v", a.outcome.Waits)
	}
	if n := strings.Count(strings.Join(a.events, "\n"), "waiting db.ipv6 db.url"); n < 5 || n > 7 {
		t.Errorf("waiting was said %d times in a minute, want about 6: %q", n, a.events)
	}
}

// The first Ctrl-C: what is under way is finished, nothing new is started.
func TestApplyInterrupted(t *testing.T) {
	for _, test := range []struct{ at, done, notStarted string }{
		{"db", "db", "frontend app alone"}, // during a write
		{"", "db alone", "frontend app"},   // during a wait
	} {
		m := newMaster(t, time.Hour)
		ctx, cancel := context.WithCancel(context.Background())
		m.before = func(r slap.InstanceRequest) error {
			if r.Name == test.at {
				cancel()
			}
			return nil
		}
		a := m.apply(t, ctx, chain, func(a *engine.Apply) {
			if test.at == "" {
				a.Sleep = func(ctx context.Context, _ time.Duration) error { cancel(); return ctx.Err() }
			}
		})
		if !errors.Is(a.err, context.Canceled) {
			t.Errorf("got error %v, want %v", a.err, context.Canceled)
		}
		a.check(t, test.done, "", test.notStarted)
		cancel()
	}
}

// A destroy repeats what the Master has, so that nothing else changes; the
// Master's copy differs from the declaration here.
func TestApplyDestroy(t *testing.T) {
	m := newMaster(t, time.Hour)
	ctx := context.Background()
	current := slap.InstanceRequest{Name: "a", SoftwareRelease: release, SoftwareType: "other", Parameters: slap.Parameters{"k": "v"}}
	if _, err := m.RequestInstance(ctx, current); err != nil {
		t.Fatal(err)
	}
	a := m.apply(t, ctx, func(func(instance, key string) engine.Text) []engine.Resource {
		gone := declare("a", nil)
		gone.State = slap.Destroyed
		never := declare("never", nil)
		never.State = slap.Destroyed
		return []engine.Resource{gone, never}
	}, nil)
	if a.err != nil {
		t.Error(a.err)
	}
	a.check(t, "a", "", "")
	got, err := m.Instance(ctx, "a")
	if err != nil {
		t.Fatal(err)
	}
	if got.State != slap.Destroyed || got.SoftwareType != "other" || got.Parameters["k"] != "v" {
		t.Errorf("got %+v", got)
	}
	if _, err := m.Instance(ctx, "never"); !errors.Is(err, slap.ErrNotFound) {
		t.Errorf("never: got error %v", err)
	}
}
