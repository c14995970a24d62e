package policy

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.starlark.net/starlark"

	"slapstar/engine"
	"slapstar/slap"
	"slapstar/starlib/lang"
)

// A change is one resource of a plan, changed or not.
type change struct {
	record
	of *engine.Change
}

func (c *change) String() string { return fmt.Sprintf("<%s>", c.of.Address()) }

// Freeze implements [starlark.Value]: a change is never changed.
func (c *change) Freeze() { c.record.Freeze() }

// A seer makes the values that a policy sees.
type seer struct {
	*lang.Caller
	seen *engine.Disclosure
}

// planValue is a plan as a policy sees it.
func planValue(by *lang.Caller, p *engine.Plan) starlark.Value {
	s := seer{by, p.Disclosure()}
	var changes, resources []starlark.Value
	for _, c := range p.Changes {
		v := s.change(c)
		resources = append(resources, v)
		if c.Pending() {
			changes = append(changes, v)
		}
	}
	return &record{"plan", starlark.StringDict{
		"create":    starlark.MakeInt(p.Count(engine.Create)),
		"update":    starlark.MakeInt(p.Count(engine.Update)),
		"destroy":   starlark.MakeInt(p.Count(engine.Delete)),
		"unchanged": starlark.MakeInt(p.Count(engine.NoOp)),
		"more":      starlark.Bool(p.More != nil),
		"partial":   starlark.Bool(p.Partial != nil),
		"changes":   starlark.NewList(changes),
		"resources": starlark.NewList(resources),
		"outputs":   s.outputs(p),
	}}
}

// outputs are what the files of the plan make for other tools, by name.
func (s seer) outputs(p *engine.Plan) starlark.Value {
	values := &starlark.Dict{}
	if p.Declared != nil {
		for _, o := range p.Declared.Outputs {
			values.SetKey(starlark.String(o.Name), s.value(s.seen.Output(o))) // a new dictionary takes any text
		}
	}
	return values
}

func (s seer) change(c *engine.Change) *change {
	leaves := []starlark.Value{}
	for _, l := range c.Leaves {
		leaves = append(leaves, s.leaf(c, l))
	}
	fields := starlark.StringDict{
		"action":     starlark.String(c.Action),
		"address":    starlark.String(c.Address()),
		"cause":      starlark.String(c.Cause),
		"position":   starlark.String(c.Resource.Declared().Position().String()),
		"leaves":     starlark.NewList(leaves),
		"depends_on": addresses(c.DependsOn),
		"used_by":    stringList(c.UsedBy),
		"owned":      starlark.Bool(c.Claim != nil),
		"protected":  starlark.False,
	}
	switch r := c.Resource.(type) {
	case *engine.Instance:
		fields["kind"], fields["name"] = starlark.String("instance"), starlark.String(r.Name)
		fields["protected"] = starlark.Bool(r.Protect)
		fields["before"], fields["after"] = s.instanceBefore(c), s.instanceAfter(c, r)
	case *engine.Software:
		fields["kind"], fields["name"] = starlark.String("software"), starlark.String(r.SoftwareRelease)
		fields["before"], fields["after"] = softwareSides(c, r)
	}
	return &change{record{"change", fields}, c}
}

func (s seer) instanceAfter(c *engine.Change, i *engine.Instance) starlark.Value {
	parameters := s.seen.After(c)
	if parameters == nil {
		return starlark.None
	}
	node := i.SLA[slap.SLAComputer]
	if c.Current != nil && c.Current.Computer != "" {
		node = c.Current.Computer
	}
	return s.side(starlark.StringDict{
		"software_release": starlark.String(i.SoftwareRelease), "software_type": starlark.String(i.SoftwareType),
		"state": starlark.String(i.State), "shared": starlark.Bool(i.Shared), "product": starlark.String(i.Product),
		"node": starlark.String(node), "project": starlark.String(i.Project),
	}, i.SLA, parameters)
}

func (s seer) instanceBefore(c *engine.Change) starlark.Value {
	was := c.Current
	if was == nil || was.State == slap.Destroyed {
		return starlark.None
	}
	return s.side(starlark.StringDict{
		"software_release": starlark.String(was.SoftwareRelease), "software_type": starlark.String(was.SoftwareType),
		"state": starlark.String(was.State), "shared": starlark.Bool(was.Shared), "product": starlark.String(""),
		"node": starlark.String(was.Computer), "project": starlark.String(was.Project),
	}, was.SLA, s.seen.Before(c))
}

func (s seer) side(fields starlark.StringDict, sla map[string]string, parameters map[string]any) starlark.Value {
	asked := starlark.NewDict(len(sla))
	for _, key := range slices.Sorted(maps.Keys(sla)) {
		asked.SetKey(starlark.String(key), starlark.String(sla[key])) // a new dictionary takes any text
	}
	fields["sla"], fields["parameters"] = asked, s.value(parameters)
	return &record{"instance", fields}
}

func softwareSides(c *engine.Change, r *engine.Software) (before, after starlark.Value) {
	side := func(state string) starlark.Value {
		if state == slap.Destroyed {
			return starlark.None
		}
		return &record{"software", starlark.StringDict{
			"software_release": starlark.String(r.SoftwareRelease), "product": starlark.String(r.Product),
			"node": starlark.String(r.Computer), "state": starlark.String(state),
		}}
	}
	before, after = side(r.State), side(r.State)
	if c.Pending() {
		before = starlark.None
		if len(c.Attributes) > 0 && c.Attributes[0].Before != nil {
			before = side(*c.Attributes[0].Before)
		}
	}
	return before, after
}

// leaf is a difference. A value that is not there is None.
func (s seer) leaf(c *engine.Change, l engine.Leaf) starlark.Value {
	before, after := s.seen.Leaf(c, l)
	keys := starlark.Tuple{}
	for _, name := range []string{l.Group, l.Name} {
		if name != "" && (name != "_" || l.At == nil) {
			keys = append(keys, starlark.String(name))
		}
	}
	for _, step := range l.At {
		switch {
		case step.Open:
		case step.Item:
			keys = append(keys, starlark.MakeInt(step.Index))
		default:
			keys = append(keys, starlark.String(step.Key))
		}
	}
	return &record{"leaf", starlark.StringDict{
		"path":       starlark.String(path(keys)),
		"keys":       keys,
		"before":     s.leafValue(l, before),
		"after":      s.leafValue(l, after),
		"product":    starlark.String(l.Product),
		"moved":      starlark.Bool(l.Moved),
		"may_change": starlark.String(l.MayChange),
		"compared":   starlark.Bool(!l.NotCompared),
	}}
}

// path writes keys as parameters.zope.threads[0].
func path(keys starlark.Tuple) string {
	var b strings.Builder
	for _, key := range keys {
		switch text, ok := starlark.AsString(key); {
		case !ok:
			fmt.Fprintf(&b, "[%s]", key)
		case b.Len() == 0:
			b.WriteString(text)
		default:
			b.WriteString("." + text)
		}
	}
	return b.String()
}

// leafValue is one side of a leaf: JSON inside of a document.
func (s seer) leafValue(l engine.Leaf, t engine.Text) starlark.Value {
	value, known := t.Known()
	switch {
	case t == nil:
		return starlark.None
	case l.At == nil || t.Hidden():
		return s.Value(t)
	case !known:
		l.After = t
		return s.Value(l.Text())
	}
	d := json.NewDecoder(strings.NewReader(value))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return starlark.String(value)
	}
	return s.value(v)
}

// value is a value of encoding/json, in which texts are [engine.Text] or strings.
func (s seer) value(v any) starlark.Value {
	switch v := v.(type) {
	case engine.Text:
		return s.Value(v)
	case string:
		return starlark.String(v)
	case bool:
		return starlark.Bool(v)
	case json.Number:
		if n, err := strconv.ParseInt(v.String(), 10, 64); err == nil {
			return starlark.MakeInt64(n)
		}
		f, _ := v.Float64() // the nearest one
		return starlark.Float(f)
	case []any:
		list := make([]starlark.Value, len(v))
		for i, item := range v {
			list[i] = s.value(item)
		}
		return starlark.NewList(list)
	case map[string]any:
		d := starlark.NewDict(len(v))
		for _, key := range slices.Sorted(maps.Keys(v)) {
			d.SetKey(starlark.String(key), s.value(v[key])) // a new dictionary takes any text
		}
		return d
	}
	return starlark.None
}

func addresses(list []engine.Address) starlark.Value {
	texts := make([]string, len(list))
	for i, a := range list {
		texts[i] = string(a)
	}
	return stringList(texts)
}

func stringList(list []string) starlark.Value {
	values := make([]starlark.Value, len(list))
	for i, s := range list {
		values[i] = starlark.String(s)
	}
	return starlark.NewList(values)
}

// circumstances are the context of a policy.
func circumstances(c engine.Circumstances) starlark.Value {
	fields := starlark.StringDict{
		"environment": starlark.String(c.Environment),
		"branch":      starlark.String(c.Branch),
		"command":     starlark.String(c.Command),
		"master":      starlark.String(c.Master),
		"project":     starlark.String(c.Project),
		"entry":       starlark.String(c.Entry),
		"time":        starlark.String(c.Time),
		"weekday":     starlark.None, "date": starlark.None, "hour": starlark.None, "minute": starlark.None,
	}
	if at, ok := c.Clock(); ok {
		fields["weekday"], fields["date"] = starlark.String(at.Weekday), starlark.String(at.Date)
		fields["hour"], fields["minute"] = starlark.MakeInt(at.Hour), starlark.MakeInt(at.Minute)
	}
	return &record{"context", fields}
}
