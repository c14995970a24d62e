package document

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"slapstar/engine"
	"slapstar/internal/function"
	"slapstar/internal/mask"
	"slapstar/slap"
)

// Restore returns a plan that was read as what a view takes, so that it can be shown
// without the files and the Master. Of what is hidden it has what stands for it. It is
// not one that can be applied.
func (p *Plan) Restore() *engine.Plan {
	e := &engine.Plan{
		Options:    engine.Options{Master: p.Context.Master, Project: p.Context.Project, Entry: p.Context.Entry, Key: mask.Key{Shown: true}},
		Declared:   &engine.Config{Withheld: p.Withheld},
		Undeclared: engine.Undeclared{Instances: p.Summary.Undeclared, Software: p.Summary.UndeclaredSoftware},
		Digest:     p.Digest,
	}
	pending := map[engine.Address]bool{}
	unreadable := p.Summary.Unreadable
	for _, c := range p.Changes {
		e.Changes = append(e.Changes, c.restore())
		pending[c.Address] = true
		if len(c.Unreadable) > 0 {
			unreadable--
		}
	}
	unchanged := map[engine.Address]*engine.Change{}
	for _, v := range p.NotCompared {
		if !pending[v.Address] && unchanged[v.Address] == nil {
			unchanged[v.Address] = &engine.Change{Action: engine.NoOp, Resource: &engine.Instance{Name: strings.TrimPrefix(string(v.Address), "instance ")}}
		}
		if c := unchanged[v.Address]; c != nil {
			c.Attributes = append(c.Attributes, engine.Attribute{Group: v.Path[0], Name: v.Path[len(v.Path)-1], NotCompared: true})
		}
	}
	for _, address := range slices.Sorted(maps.Keys(unchanged)) {
		e.Changes = append(e.Changes, unchanged[address])
	}
	for n := len(unchanged); n < p.Summary.Unchanged; n++ { // which are only counted
		c := &engine.Change{Action: engine.NoOp, Resource: &engine.Instance{}}
		if unreadable > 0 {
			c.Unreadable = []string{"sla"}
			unreadable--
		}
		e.Changes = append(e.Changes, c)
	}
	for _, r := range p.Refusals {
		e.Refusals = append(e.Refusals, engine.Refusal{Address: r.Address, Origin: r.Origin.origin(), Message: r.Message, Hint: r.Hint})
	}
	e.Notes, e.Policies, e.More = restoreNotes(p.Notes), p.Policy.restore(), p.More.restore()
	if m := p.Partial; m != nil {
		e.Partial = &engine.Partial{Selection: engine.Selection{Targets: m.Targets, Excludes: m.Excludes}, LeftOut: m.LeftOut}
	}
	return e
}

func (c Change) restore() *engine.Change {
	e := &engine.Change{Action: c.Action, Cause: c.Cause, Revision: c.Revision, Unreadable: c.Unreadable, DependsOn: c.DependsOn}
	origin := c.Origin.origin()
	switch c.Kind {
	case "software":
		e.Resource = &engine.Software{SoftwareRelease: c.Name, Computer: c.Computer, Origin: origin}
	default:
		e.Resource = &engine.Instance{Name: c.Name, Origin: origin}
	}
	if c.Claim != "" {
		e.Claim = &engine.Claim{Pattern: c.Claim, Origin: origin}
	}
	if was := c.Lost; was != nil {
		e.Current = &slap.Instance{InstanceRequest: slap.InstanceRequest{SoftwareRelease: was.SoftwareRelease, SoftwareType: was.SoftwareType, State: was.State}, Computer: was.Computer, ConnectionParameters: slap.Parameters{}}
		for _, key := range was.Published {
			e.Current.ConnectionParameters[key] = ""
		}
		e.UsedBy, e.Perhaps = was.UsedBy, was.Perhaps
	}
	for _, a := range c.Attributes {
		e.Attributes = append(e.Attributes, a.restore())
	}
	for _, a := range c.Leaves {
		e.Leaves = append(e.Leaves, a.restoreLeaf())
	}
	return e
}

// restore is an attribute, or what of a leaf is one.
func (a Attribute) restore() engine.Attribute {
	e := engine.Attribute{Product: a.Product, Locked: a.Locked, MayChange: a.MayChange, NotCompared: a.NotCompared, Before: shown(a.Before)}
	for _, s := range a.Sources {
		e.Sources = append(e.Sources, engine.Reference{Instance: s.Instance, Kind: s.Kind, Key: s.Key, Path: s.Path})
	}
	e.Name, _ = a.Path[0].(string)
	if len(a.Path) > 1 {
		e.Group = e.Name
		e.Name, _ = a.Path[1].(string)
	}
	switch {
	case len(a.Parts) > 0:
		e.After = restoreParts(a.Parts)
	case a.After != nil && a.Secret:
		e.After = engine.Text{{Literal: *shown(a.After), Credential: &engine.Credential{}}}
	case a.After != nil:
		e.After = engine.Literal(*a.After)
	}
	e.Credential = a.Secret
	e.Hidden = a.Secret && a.Before != nil && e.After == nil
	return e
}

func shown(s *string) *string {
	if s == nil {
		return nil
	}
	text := shortSeals(*s)
	return &text
}

func restoreParts(parts []Part) engine.Text {
	var t engine.Text
	for _, p := range parts {
		e := engine.Part{Literal: shortSeals(p.Literal), Secret: p.Secret, Withheld: p.Withheld}
		switch {
		case p.Secret == engine.Masked:
			e.Secret, e.Credential = "", &engine.Credential{}
		case p.Instance != "":
			r := p.reference()
			e.Reference = &r
		case p.Function != "":
			e.Derived = &engine.Derivation{Function: function.Function{Name: p.Function, Args: p.Arguments}, Of: restoreParts(p.Of)}
		case p.Quoted != nil:
			e.Quoted = restoreParts(p.Quoted)
		}
		t = append(t, e)
	}
	return t
}

func (a Attribute) restoreLeaf() engine.Leaf {
	l := engine.Leaf{Attribute: a.restore(), Moved: a.Moved}
	if len(a.Path) > 2 {
		l.At = a.steps(a.Path)
	}
	switch {
	case len(a.From) > 2:
		l.From = a.steps(a.From)
	case len(a.From) > 1:
		name, _ := a.From[1].(string)
		l.From = []engine.Step{{Key: name}}
	}
	return l
}

// steps are those of a path into a document.
func (a Attribute) steps(path []any) []engine.Step {
	list := []engine.Step{}
	for i, step := range path {
		if i < 2 {
			continue
		}
		if slices.Contains(a.Opened, i) {
			list = append(list, engine.Step{Open: true})
		}
		switch step := step.(type) {
		case string:
			list = append(list, engine.Step{Key: step})
		case float64:
			list = append(list, engine.Step{Index: int(step), Item: true})
		case int:
			list = append(list, engine.Step{Index: step, Item: true})
		}
		for _, f := range a.Found {
			if last := &list[len(list)-1]; f.Index == i && last.Item {
				last.By, last.ID = f.By, f.ID
			}
		}
	}
	return list
}

// Shown returns a saved plan as it is shown: with short fingerprints in place of seals.
func (p *Plan) Shown() (*Plan, error) {
	data, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	var short Plan
	return &short, json.Unmarshal([]byte(shortSeals(string(data))), &short)
}
