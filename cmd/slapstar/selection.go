package main

import (
	"errors"
	"strings"

	"github.com/urfave/cli/v2"

	"slapstar/engine"
	"slapstar/starlib"
)

// selectionFlags are the flags that choose a part of a plan.
type selectionFlags struct {
	targets  cli.StringSlice
	excludes cli.StringSlice
}

func (f *selectionFlags) flags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "target", Usage: "only what matches `PATTERN`, such as \"shop-*\", and what has to go before it", Destination: &f.targets},
		&cli.StringSliceFlag{Name: "exclude", Usage: "not what matches `PATTERN`, nor what waits for it", Destination: &f.excludes},
	}
}

// selection is what the flags ask for.
func (f *selectionFlags) selection() (engine.Selection, error) {
	s := engine.Selection{Targets: f.targets.Value(), Excludes: f.excludes.Value()}
	for _, list := range []struct {
		flag     string
		patterns []string
	}{{"target", s.Targets}, {"exclude", s.Excludes}} {
		for _, pattern := range list.patterns {
			if err := engine.CheckSelection(pattern); err != nil {
				return s, usagef("--%s: %v", list.flag, err)
			}
		}
	}
	return s, nil
}

// checkSelection returns an error for patterns that are meant for nothing in a
// plan.
func checkSelection(p *engine.Plan) error {
	if p.Partial == nil || len(p.Partial.Unmatched) == 0 {
		return nil
	}
	var names []string
	for _, r := range p.Declared.Resources {
		if i, ok := r.(*engine.Instance); ok {
			names = append(names, i.Name)
		}
		names = append(names, string(r.Address()))
	}
	var list []error
	hint := ""
	for _, pattern := range p.Partial.Unmatched {
		list = append(list, usagef("nothing that the files declare or own matches %q", pattern))
		if hint == "" {
			hint = starlib.Suggest(strings.Trim(pattern, "*?"), names)
		}
	}
	if hint == "" {
		hint = "a pattern is for the name of an instance, or for a whole address such as \"instance db\"; * stands for anything"
	}
	return &hintedError{errors.Join(list...), hint}
}
