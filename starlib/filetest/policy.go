package filetest

import (
	"errors"
	"fmt"
	"slices"

	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"

	"slapstar/engine"
	"slapstar/starlib/lang"
)

// A planned value is a plan as a test looks at it, and as policies judge it.
type planned struct {
	fields *starlarkstruct.Struct
	plan   *engine.Plan
}

var _ starlark.HasAttrs = (*planned)(nil)

func (p *planned) String() string                           { return p.fields.String() }
func (p *planned) Type() string                             { return "plan" }
func (p *planned) Freeze()                                  { p.fields.Freeze() }
func (p *planned) Truth() starlark.Bool                     { return true }
func (p *planned) Hash() (uint32, error)                    { return 0, errors.New("unhashable: plan") }
func (p *planned) Attr(name string) (starlark.Value, error) { return p.fields.Attr(name) }
func (p *planned) AttrNames() []string                      { return p.fields.AttrNames() }

// noon is when a plan is judged whose test does not say it: a Monday.
const noon = "2026-01-05T12:00:00Z"

// judge is policy: it has a file of policies judge a plan.
//
//	policy(file, plan, context={})
func judge(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var file lang.Name
	var given starlark.Value
	var told *starlark.Dict
	if err := lang.UnpackArgs(b.Name(), args, kwargs, "file", &file, "plan", &given, "context?", &told); err != nil {
		return nil, err
	}
	harness, err := harnessOf(thread, b)
	if err != nil {
		return nil, err
	}
	p, ok := given.(*planned)
	if !ok {
		return nil, fmt.Errorf("%s: for parameter plan: got %s, want what plan or apply has returned", b.Name(), given.Type())
	}
	c := engine.Circumstances{Command: "plan", Time: noon, Master: p.plan.Options.Master, Entry: p.plan.Options.Entry}
	if err := eachInput(told, func(name string, value starlark.Value) error { return tell(&c, name, value) }); err != nil {
		return nil, fmt.Errorf("%s: context: %w", b.Name(), err)
	}
	verdicts, err := harness.Policy(lang.Current(thread).Context(), string(file), p.plan, c)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.Name(), err)
	}
	for _, v := range verdicts { // what cannot judge is no denial that a test could want
		if v.Failed {
			err := fmt.Errorf("%s: %v: %s: %s", b.Name(), v.At.Position(), v.Function, v.Message)
			if v.Hint != "" {
				err = lang.Hint(err, v.Hint)
			}
			return nil, err
		}
	}
	return verdictsValue(verdicts), nil
}

// tell sets what policies are told.
func tell(c *engine.Circumstances, name string, value starlark.Value) error {
	to := map[string]*string{"environment": &c.Environment, "branch": &c.Branch, "command": &c.Command, "time": &c.Time, "master": &c.Master, "project": &c.Project, "entry": &c.Entry}
	names := []string{"environment", "branch", "command", "time", "master", "project", "entry"}
	if !slices.Contains(names, name) {
		return lang.Suggest(fmt.Errorf("got %q, want one of %s", name, engine.Quoted(names)), name, names)
	}
	text, ok := starlark.AsString(value)
	if !ok {
		return fmt.Errorf("%s: got %s, want a string", name, value.Type())
	}
	*to[name] = text
	if _, ok := c.Clock(); !ok {
		return fmt.Errorf("time: got %q, want a time such as %q", text, noon)
	}
	return nil
}

// verdictsValue is what policies say: denied and warned, each a list.
func verdictsValue(list []engine.Verdict) starlark.Value {
	denied, warned := []starlark.Value{}, []starlark.Value{}
	for _, v := range list {
		said := starlarkstruct.FromStringDict(starlarkstruct.Default, starlark.StringDict{
			"name": starlark.String(v.Function), "text": starlark.String(v.Message), "address": starlark.String(v.Address),
		})
		if v.Denies {
			denied = append(denied, said)
		} else {
			warned = append(warned, said)
		}
	}
	return starlarkstruct.FromStringDict(starlarkstruct.Default, starlark.StringDict{
		"denied": starlark.NewList(denied), "warned": starlark.NewList(warned),
	})
}
