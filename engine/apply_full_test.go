package engine_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"slapstar/engine"
	"slapstar/proxy"
	"slapstar/slap"
)

// newFullMaster behaves as the real Master, which lists and allocates later, and that where
// the release is supplied. Its tests run in bubbles of [synctest].
func newFullMaster(t *testing.T) *master {
	t.Helper()
	return openMaster(t, proxy.Options{Profile: proxy.Full, Simulator: proxy.DefaultSimulator{Delay: time.Millisecond}})
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
func TestApplyOnFullMaster(t *testing.T) { synctest.Test(t, testApplyOnFullMaster) }

func testApplyOnFullMaster(t *testing.T) {
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
		time.Sleep(time.Minute) // a place comes later, and not to what is stopped
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
	again := m.apply(t, ctx, onNode(nil), nil)
	if again.err != nil {
		t.Fatal(again.err)
	}
	again.check(t, "app db", "", "")
	m.settled(t, onNode(nil))
}

// What the full Master would refuse is refused before anything is written, and
// so is what it would take and never allocate.
func TestApplyRefusedByFullMaster(t *testing.T) { synctest.Test(t, testApplyRefusedByFullMaster) }

func testApplyRefusedByFullMaster(t *testing.T) {
	m := newFullMaster(t)
	ctx := context.Background()
	if a := m.apply(t, ctx, onNode(nil), nil); a.err != nil || len(a.outcome.Failed) > 0 {
		t.Fatal(a.err, a.outcome.Errors)
	}
	for name, test := range map[string]struct {
		change func(db, app *engine.Instance)
		want   string
	}{
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

// A full Master brings another release to an existing tree by a decision, and stores an SLA
// that counts no more: the plan says so, and changes the rest.
func TestPlanOnFullMaster(t *testing.T) {
	state := func(change func(*slap.Instance)) *engine.State {
		s := engine.NewState()
		s.Full = true
		i := slap.Instance{InstanceRequest: slap.InstanceRequest{Name: "db", SoftwareRelease: release, SoftwareType: "default", State: "started"}, SLAKnown: true}
		change(&i)
		s.Instances["db"] = i
		return s
	}
	for _, test := range []struct {
		name   string
		want   func(*engine.Instance)
		there  func(*slap.Instance)
		action engine.Action
		note   string
		sent   string // the release and the type of the change
	}{
		{"same", nil, nil, engine.NoOp, "", release + " default"},
		{"release", func(i *engine.Instance) { i.SoftwareRelease = "https://lab.example/new.cfg" }, nil, engine.NoOp,
			"it keeps its release " + release + ": on this Master an existing instance gets another one (https://lab.example/new.cfg) by an upgrade decision; whether there is one was not told", release + " default"},
		{"release and a parameter", func(i *engine.Instance) {
			i.SoftwareRelease, i.Parameters = "https://lab.example/new.cfg", map[string]engine.Text{"a": engine.Literal("b")}
		}, nil, engine.Update, "it keeps its release", release + " default"},
		{"the end", func(i *engine.Instance) {
			i.SoftwareRelease, i.State = "https://lab.example/new.cfg", slap.Destroyed
		}, nil, engine.Delete, "", "https://lab.example/new.cfg default"},
		{"old type", nil, func(i *slap.Instance) { i.SoftwareType = "RootSoftwareInstance" }, engine.NoOp, `write software_type = "RootSoftwareInstance"`, release + " RootSoftwareInstance"},
		{"SLA", func(i *engine.Instance) { i.SLA = map[string]string{"network_guid": "NET-1"} }, nil, engine.Update, "its SLA is stored and moves nothing", release + " default"},
		{"stopped", func(i *engine.Instance) { i.Name, i.State = "new", slap.Stopped }, nil, engine.Create, "it waits until it is started once", release + " default"},
		{"name not free", nil, func(i *slap.Instance) { i.State = slap.Destroyed }, engine.Create, "when it has let go of the name", release + " default"},
		{"of a Remote Node", func(i *engine.Instance) { i.Name = "_remote_PROJ-2_SOFTINST-1" }, nil, engine.NoOp, "refused: this Master makes instances of such names itself", release + " default"},
		{"in another project", func(i *engine.Instance) { i.Name = "elsewhere" }, nil, engine.NoOp, "refused: you have an instance of this name in project PROJ-2", release + " default"},
		{"the end in another project", func(i *engine.Instance) { i.Name, i.State = "elsewhere", slap.Destroyed }, nil, engine.NoOp, "", release + " default"},
		{"not paid", nil, func(i *slap.Instance) {
			i.Members = []slap.Member{{State: slap.Stopped, Parameters: slap.Parameters{"a": "b"}}}
		}, engine.NoOp, "the Master has taken it and does not carry it out: what runs has other parameters and state (stopped); is the account paid?", release + " default"},
		{"paid", nil, func(i *slap.Instance) {
			i.Members = []slap.Member{{State: slap.Started, Parameters: slap.Parameters{}}}
		}, engine.NoOp, "", release + " default"},
		{"odd", nil, func(i *slap.Instance) { i.Project = "odd" }, engine.NoOp, `instance "db": cannot be read: why`, release + " default"},
		{"decided", func(i *engine.Instance) { i.SoftwareRelease = "https://lab.example/new.cfg" }, func(i *slap.Instance) { i.GUID = "decided" }, engine.NoOp, "by an upgrade decision; there is one, which is planned", release + " default"},
	} {
		want := declare("db", nil)
		if test.want != nil {
			test.want(want)
		}
		s := state(func(i *slap.Instance) {
			if test.there != nil {
				test.there(i)
			}
		})
		if s.Instances["db"].GUID == "decided" {
			s.Site = &engine.Site{Upgrades: map[string]string{"db": "planned", "other": "started"}}
		}
		if s.Instances["db"].Project == "odd" {
			s.Odd = []slap.Oddity{{Kind: slap.OddText, Name: "db", Detail: "why"}, {Kind: slap.OddNoInstance, Name: "db"}, {Kind: slap.OddText, Name: "other"}}
		}
		s.Elsewhere = map[string]slap.Instance{"elsewhere": {Project: "PROJ-2"}}
		p, err := engine.NewPlan(&engine.Config{Resources: []engine.Resource{want}}, s, engine.Options{})
		if err != nil {
			t.Fatal(err)
		}
		c := p.Changes[0]
		i := c.Resource.(*engine.Instance)
		notes := ""
		for _, n := range p.Notes {
			notes += n.Message + "\n"
		}
		for _, r := range p.Refusals {
			notes += "refused: " + r.Message + "\n"
		}
		if c.Action != test.action || !strings.Contains(notes, test.note) || test.note == "" && notes != "" || i.SoftwareRelease+" "+i.SoftwareType != test.sent || p.CanApply() == strings.HasPrefix(test.note, "refused") {
			t.Errorf("%s: %s of %s %s, %v, notes %q", test.name, c.Action, i.SoftwareRelease, i.SoftwareType, p.Refusals, notes)
		}
	}
}

// Software in use stays, by the place of who uses it, by the place that was asked for, and
// where nobody knows either by its release.
func TestUsedSoftwareOnFullMaster(t *testing.T) {
	for _, test := range []struct {
		name     string
		computer string
		sla      slap.Parameters
		full     bool
		refused  bool
	}{
		{"there", "COMP-1", nil, true, true},
		{"elsewhere", "COMP-2", nil, true, false},
		{"elsewhere than asked for", "COMP-2", slap.Parameters{"computer_guid": "COMP-1"}, true, false},
		{"asked for", "", slap.Parameters{"computer_guid": "COMP-1"}, true, true},
		{"asked for elsewhere", "", slap.Parameters{"computer_guid": "COMP-2"}, true, false},
		{"nobody knows", "", nil, true, true},
		{"nowhere", "", nil, false, false},
	} {
		s := engine.NewState()
		s.Full = test.full
		s.Instances["db"] = slap.Instance{Computer: test.computer, SLAKnown: true,
			InstanceRequest: slap.InstanceRequest{Name: "db", SoftwareRelease: release, State: "started", SLA: test.sla}}
		s.Software["COMP-1"] = map[string]string{release: slap.Available}
		gone := &engine.Software{SoftwareRelease: release, Computer: "COMP-1", State: slap.Destroyed}
		p, err := engine.NewPlan(&engine.Config{Resources: []engine.Resource{gone}}, s, engine.Options{})
		if err != nil || p.CanApply() == test.refused {
			t.Errorf("%s: %v, %v, want refused: %t", test.name, err, p.Refusals, test.refused)
		}
	}
}
