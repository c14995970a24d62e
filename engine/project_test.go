package engine_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"slapstar/engine"
	"slapstar/proxy"
	"slapstar/slap"
)

// A project is where an instance is created, and nothing gets from one into another.
func TestProject(t *testing.T) {
	there := func(name, project string) slap.Instance {
		return slap.Instance{Project: project, SLAKnown: true, InstanceRequest: slap.InstanceRequest{Name: name, SoftwareRelease: release, SoftwareType: "default", State: slap.Started}}
	}
	two := []slap.Project{{Reference: "PROJ-1", Title: "shop"}, {Reference: "PROJ-2"}}
	for _, test := range []struct {
		name    string
		wanted  string // project of the declaration
		guid    string // project_guid in its SLA
		ours    string // project of the client
		change  string // name of the instance
		known   []slap.Project
		full    bool
		action  engine.Action
		refused string
		note    string
		sent    string
	}{
		{"new", "", "", "PROJ-1", "new", nil, true, engine.Create, "", "", ""},
		{"new, elsewhere", "PROJ-2", "", "PROJ-1", "new", nil, true, engine.Create, "", "", "PROJ-2"},
		{"in ours", "", "", "PROJ-1", "here", nil, true, engine.NoOp, "", "", "PROJ-1"},
		{"in ours, as written", "PROJ-1", "", "PROJ-1", "here", nil, true, engine.NoOp, "", "", "PROJ-1"},
		{"in ours, not as written", "PROJ-2", "", "PROJ-1", "here", nil, true, engine.NoOp, "it is in project PROJ-1, and none gets into another one (PROJ-2)", "", "PROJ-2"},
		{"in another one", "", "", "PROJ-1", "there", nil, true, engine.NoOp, "you have an instance of this name in project PROJ-2", "", ""},
		{"in another one, as written", "PROJ-2", "", "PROJ-1", "there", nil, true, engine.NoOp, "", "", "PROJ-2"},
		{"in another one, not as written", "PROJ-3", "", "PROJ-1", "there", nil, true, engine.NoOp, "you have an instance of this name in project PROJ-2", "", "PROJ-3"},
		{"contradicts", "", "PROJ-2", "PROJ-1", "new", nil, true, engine.Create, "its project_guid is PROJ-2, and its project PROJ-1", "", ""},
		{"contradicts what is written", "PROJ-2", "PROJ-1", "", "new", nil, true, engine.Create, "its project_guid is PROJ-1, and its project PROJ-2", "", "PROJ-2"},
		{"says the same", "", "PROJ-1", "PROJ-1", "new", nil, true, engine.Create, "", "", ""},
		{"several and none named", "", "", "", "new", two, true, engine.Create, "there are several projects: PROJ-1 (shop), PROJ-2", "", ""},
		{"several and named there", "PROJ-1", "", "", "new", two, true, engine.Create, "", "", "PROJ-1"},
		{"several and named in the SLA", "", "PROJ-1", "", "new", two, true, engine.Create, "", "", ""},
		{"several, and it exists", "", "", "", "here", two, true, engine.NoOp, "", "", "PROJ-1"},
		{"the only one", "", "", "", "new", two[:1], true, engine.Create, "", "", ""},
		{"a Master without", "PROJ-1", "", "", "new", nil, false, engine.Create, "", "this Master has no projects: PROJ-1 counts for nothing", "PROJ-1"},
	} {
		s := engine.NewState()
		s.Full, s.Project, s.Site = test.full, test.ours, &engine.Site{Projects: test.known}
		s.Instances["here"], s.Elsewhere = there("here", "PROJ-1"), map[string]slap.Instance{"there": there("there", "PROJ-2")}
		want := declare(test.change, nil)
		if want.Project = test.wanted; test.guid != "" {
			want.SLA = map[string]string{"project_guid": test.guid}
		}
		p, err := engine.NewPlan(&engine.Config{Resources: []engine.Resource{want}, Claims: []engine.Claim{{Pattern: "th*"}}}, s, engine.Options{})
		if err != nil {
			t.Fatal(err)
		}
		refused, notes := "", ""
		for _, r := range p.Refusals {
			refused += r.Message
		}
		for _, n := range p.Notes {
			notes += n.Message
		}
		c := p.Changes[0]
		if c.Action != test.action || !strings.Contains(refused, test.refused) || test.refused == "" && refused != "" || !strings.Contains(notes, test.note) || len(p.Changes) > 1 ||
			engine.Request(c).Project != test.sent {
			t.Errorf("%s: %s, refused %q, notes %q, %d changes, sent to %q", test.name, c.Action, refused, notes, len(p.Changes), engine.Request(c).Project)
		}
	}
}

// Two projects of one person are worked in at once, and a second plan is empty.
func TestTwoProjects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := openMaster(t, proxy.Options{Profile: proxy.Full, Projects: []string{"PROJ-1", "PROJ-2"}, Simulator: proxy.DefaultSimulator{Delay: 100 * time.Millisecond}})
		f := func(published func(instance, key string) engine.Text) []engine.Resource {
			db, app := declare("db", nil), declare("app", map[string]engine.Text{"db": published("db", "url")})
			db.Project, app.Project = "PROJ-1", "PROJ-2"
			db.SLA, app.SLA = slap.Parameters{"computer_guid": "COMP-1"}, slap.Parameters{"computer_guid": "COMP-1"}
			return []engine.Resource{&engine.Software{SoftwareRelease: release, Computer: "COMP-1", State: slap.Available, Origin: db.Origin}, db, app}
		}
		m.once(t, m.apply(t, context.Background(), f, byDefault), "software COMP-1", "db", "app")
		m.settled(t, f)
		for name, project := range map[string]string{"db": "PROJ-1", "app": "PROJ-2"} {
			if i, err := m.Instance(context.Background(), name); err != nil || i.Project != project {
				t.Errorf("%s is in project %q, %v, want %s", name, i.Project, err, project)
			}
		}
	})
}
