package engine_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"slapstar/engine"
	"slapstar/proxy"
	"slapstar/slap"
)

// newFullMaster behaves as the real Master, which allocates later and where the
// release is supplied.
func newFullMaster(t *testing.T) *master {
	t.Helper()
	return openMaster(t, proxy.Options{Profile: proxy.Full, AllocationDelay: 200 * time.Millisecond, Simulator: proxy.DefaultSimulator{Delay: time.Millisecond}})
}

// onNode declares software on a node, and a database and its user there.
func onNode(change func(db, app *engine.Instance)) files {
	return func(published func(instance, key string) engine.Text) []engine.Resource {
		sla := slap.Parameters{"computer_guid": "COMP-1"}
		db, app := declare("db", map[string]engine.Text{"size": engine.Literal("1")}), declare("app", map[string]engine.Text{"db": published("db", "url")})
		db.SLA, app.SLA = sla, sla
		supply := &engine.Software{SoftwareRelease: release, Computer: "COMP-1", State: slap.Available, Origin: db.Origin}
		if change != nil {
			change(db, app)
		}
		return []engine.Resource{supply, app, db}
	}
}

// settled wants the plan of what was just applied to be empty, now and when the
// nodes have done their part.
func (m *master) settled(t *testing.T, f files) {
	t.Helper()
	p, state, err := m.plan(f)(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if p.Pending() {
		text := ""
		for _, c := range p.Changes {
			text += fmt.Sprintf("%s %s %+v\n", c.Action, c.Address(), c.Attributes)
		}
		t.Errorf("the plan after apply is not empty:\n%s%+v", text, state.Instances)
	}
}

// Apply against a Master that answers "not ready", and then a plan that is
// empty: creation with SLA and supply, changes of parameters and state, the end.
func TestApplyOnFullMaster(t *testing.T) {
	m := newFullMaster(t)
	ctx := context.Background()
	for _, step := range []struct {
		name   string
		change func(db, app *engine.Instance)
		done   string
	}{
		{"create", nil, "software " + release + " on COMP-1 app db"},
		{"parameters", func(db, _ *engine.Instance) { db.Parameters["size"] = engine.Literal("2") }, "db"},
		{"state", func(db, app *engine.Instance) {
			db.Parameters["size"] = engine.Literal("2")
			app.State = slap.Stopped
		}, "app"},
		{"SLA", func(db, app *engine.Instance) {
			db.Parameters["size"] = engine.Literal("2")
			app.State, app.SLA = slap.Stopped, slap.Parameters{"computer_guid": "COMP-1", "retention_delay": "2.0"}
		}, "app"},
	} {
		f := onNode(step.change)
		a := m.apply(t, ctx, f, nil)
		if a.err != nil {
			t.Fatalf("%s: %v, %v", step.name, a.err, a.outcome)
		}
		if len(a.outcome.Failed) > 0 {
			t.Fatalf("%s: %v", step.name, a.outcome.Errors)
		}
		if got := fmt.Sprint(names(a.outcome.Done)); got != "["+step.done+"]" {
			t.Errorf("%s: done %s, want %s", step.name, got, step.done)
		}
		m.settled(t, f)
		for range 500 { // its place comes later, and not once it is stopped
			if app, err := m.Instance(ctx, "app"); app.Computer != "" || err != nil && !errors.Is(err, slap.ErrNotReady) {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	app, err := m.Instance(ctx, "app")
	if err != nil || app.Computer != "COMP-1" || app.State != slap.Stopped || app.SLA["retention_delay"] != "2.0" || app.Parameters["db"] == "" {
		t.Errorf("got %+v, %v", app, err)
	}

	gone := onNode(func(db, app *engine.Instance) {
		db.State, app.State, app.Parameters = slap.Destroyed, slap.Destroyed, nil
	})
	a := m.apply(t, ctx, gone, nil)
	if a.err != nil {
		t.Fatal(a.err)
	}
	a.check(t, "app db", "", "")
	m.settled(t, gone)
	// The names are free once the catalogue knows, which is at once here.
	again := m.apply(t, ctx, onNode(nil), nil)
	if again.err != nil {
		t.Fatal(again.err)
	}
	again.check(t, "app db", "", "")
	m.settled(t, onNode(nil))
}

// What the full Master would refuse is refused before anything is written, and
// so is what it would take and never allocate.
func TestApplyRefusedByFullMaster(t *testing.T) {
	m := newFullMaster(t)
	ctx := context.Background()
	if a := m.apply(t, ctx, onNode(nil), nil); a.err != nil || len(a.outcome.Failed) > 0 {
		t.Fatal(a.err, a.outcome.Errors)
	}
	for name, test := range map[string]struct {
		change func(db, app *engine.Instance)
		want   string
	}{
		"release": {func(db, _ *engine.Instance) { db.SoftwareRelease += "2" }, "this Master lets nobody change the software_release"},
		"type":    {func(db, _ *engine.Instance) { db.SoftwareType = "other" }, "this Master lets nobody change the software_type"},
		"SLA key": {func(db, _ *engine.Instance) { db.Name, db.SLA = "new", map[string]string{"computr": "x"} }, `this Master knows no SLA key "computr"`},
	} {
		m.requests = nil
		a := m.apply(t, ctx, onNode(test.change), nil)
		var refused *engine.RefusedError
		if !errors.As(a.err, &refused) || !strings.Contains(a.err.Error(), test.want) || len(m.requests) > 0 {
			t.Errorf("%s: got %v, want %s; it wrote %q", name, a.err, test.want, m.requests)
		}
		m.settled(t, onNode(nil))
	}
}
