package view

import (
	"fmt"
	"strings"

	"slapstar/engine"
	"slapstar/slap"
)

func origin(line int, stack ...int) engine.Origin {
	var o engine.Origin
	for _, l := range append(stack, line) {
		o.Stack = append(o.Stack, engine.Frame{Function: "f", Position: engine.Position{File: "main.star", Line: l, Col: 1}})
	}
	return o
}

func text(s string) *string { return &s }

func instance(name string, line int) *engine.Instance {
	return &engine.Instance{Name: name, SoftwareRelease: "https://lab.example/software.cfg", State: slap.Started, Origin: origin(line)}
}

func parameter(name string, before *string, after engine.Text) engine.Attribute {
	return engine.Attribute{Group: "parameters", Name: name, Before: before, After: after}
}

// everything is a plan in which there is everything that a plan can have.
func everything() *engine.Plan {
	unknown := engine.Refer(engine.Reference{Instance: "db", Key: "url"})
	app := instance("app", 2)
	app.Origin = origin(2, 9)
	return apart(&engine.Plan{
		Options: engine.Options{Master: "https://slap.lab.example", Unchanged: true},
		Changes: []*engine.Change{
			{Action: engine.Create, Resource: instance("db", 1), Attributes: []engine.Attribute{
				{Name: "software_release", After: engine.Literal("https://lab.example/software.cfg"), Product: "kvm"},
				parameter("note", nil, engine.Literal("one\ntwo\n")),
			}},
			{Action: engine.Update, Resource: app, Cause: engine.EditedHere, DependsOn: []engine.Address{"instance db"}, Unreadable: []string{"sla.network_guid"}, Attributes: []engine.Attribute{
				parameter("_", text(`{"a":"b","n":[1]}`), engine.Join(engine.Literal(`{"a":`), engine.Quote(unknown), engine.Literal(`,"n":[1,2]}`))),
				parameter("hidden", text("x"), engine.Join(engine.Literal("<"), engine.Secret("main", "hunter2"), engine.Literal(">"))),
				parameter("password", text("old"), engine.Literal("new")),
				{Group: "parameters", Name: "from", Before: text("a"), After: engine.Literal("b"), MayChange: "app"},
				parameter("gone", text("was"), nil),
			}},
			{Action: engine.Delete, Resource: instance("shop-old", 3), Cause: engine.NoLongerDeclared, Claim: &engine.Claim{Pattern: "shop-*", Origin: origin(3)}},
			{Action: engine.Delete, Resource: instance("before", 4), Cause: engine.NoLongerDeclared, Revision: "HEAD~1"},
			{Action: engine.Delete, Resource: &engine.Software{SoftwareRelease: "https://lab.example/old.cfg", Computer: "COMP-1", State: slap.Destroyed, Origin: origin(5)}},
			{Action: engine.NoOp, Resource: instance("same", 6)},
		},
		Unchanged:  []*engine.Change{{Action: engine.NoOp, Resource: instance("same", 6), Attributes: []engine.Attribute{parameter("n", text("1"), engine.Literal("1"))}}},
		Declared:   &engine.Config{},
		More:       &engine.Boundary{Reference: engine.Reference{Instance: "db", Key: "url"}, Use: "==", Origin: origin(8)},
		Refusals:   []engine.Refusal{{Address: "instance app", Origin: origin(2), Message: "it cannot be", Hint: "do something else"}},
		Notes:      []engine.Note{{Address: "instance db", Origin: origin(1), Message: "it stays"}},
		Undeclared: engine.Undeclared{Instances: 2, Software: 1},
		Policies: &engine.Policies{
			Files:         []engine.PolicyFile{{Name: "policy.star", Sum: "3f9a"}},
			Circumstances: engine.Circumstances{Environment: "prod", Branch: "main", Command: "plan", Time: "2026-11-27T16:30:00Z"},
			Overrides:     []engine.Override{{Name: "deny_x", Reason: "it has to be", Denied: []engine.Note{{Address: "instance app", Origin: origin(2), Message: "no"}}}},
		},
		Partial: &engine.Partial{Selection: engine.Selection{Targets: []string{"a*"}, Excludes: []string{"b"}}, LeftOut: 3},
	})
}

// apart takes the changes of a plan apart, as the engine does.
func apart(p *engine.Plan) *engine.Plan {
	for _, c := range p.Changes {
		c.TakeApart(nil)
	}
	return p
}

// large is a plan of many changes with texts in the names and values.
func large(changes int, name, content string) *engine.Plan {
	p := &engine.Plan{Options: engine.Options{Master: name}, Declared: &engine.Config{}}
	actions := []engine.Action{engine.Create, engine.Update, engine.Delete}
	for i := range changes {
		c := &engine.Change{Action: actions[i%3], Resource: instance(fmt.Sprintf("%s%d", name, i), i)}
		if c.Action != engine.Delete {
			before := text(strings.ToUpper(content))
			if c.Action == engine.Create {
				before = nil
			}
			c.Attributes = []engine.Attribute{parameter(name, before, engine.Literal(content)), parameter("_", before, engine.Literal(content))}
		}
		p.Changes = append(p.Changes, c)
		if i%7 == 0 {
			p.Notes = append(p.Notes, engine.Note{Address: c.Address(), Origin: origin(i), Message: content})
			p.Refusals = append(p.Refusals, engine.Refusal{Address: c.Address(), Origin: origin(i), Message: content, Hint: name})
		}
	}
	return apart(p)
}
