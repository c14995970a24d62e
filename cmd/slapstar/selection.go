package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"slapstar/engine"
	"slapstar/starlib/lang"
)

// selectionFlags choose a part of a plan.
type selectionFlags struct{ targets, excludes cli.StringSlice }

func (f *selectionFlags) flags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "target", Usage: "only what matches `PATTERN`, such as 'shop-*', and what has to go before it; may be repeated", Destination: &f.targets},
		&cli.StringSliceFlag{Name: "exclude", Usage: "not what matches `PATTERN`, nor what waits for it; may be repeated", Destination: &f.excludes},
	}
}

func (f *selectionFlags) selection() (engine.Selection, error) {
	s := engine.Selection{Targets: f.targets.Value(), Excludes: f.excludes.Value()}
	for flag, patterns := range map[string][]string{"--target": s.Targets, "--exclude": s.Excludes} {
		for _, pattern := range patterns {
			if err := engine.CheckPattern(pattern); err != nil {
				return s, usagef("%s: %v", flag, err)
			}
		}
	}
	return s, nil
}

// checkSelection refuses a selection of which a part matches nothing: it may be a
// slip.
func checkSelection(plan *engine.Plan) error {
	if plan.Partial == nil || len(plan.Partial.Unmatched) == 0 || plan.Declared.More != nil {
		return nil
	}
	pattern := plan.Partial.Unmatched[0]
	var names []string
	for _, r := range plan.Declared.Resources {
		names = append(names, strings.TrimPrefix(string(r.Address()), "instance "))
	}
	err := usagef("no change of the plan matches %q", pattern)
	if hint := lang.DidYouMean(strings.Trim(pattern, "*"), names); hint != "" {
		return lang.Hint(err, hint)
	}
	return lang.Hint(err, fmt.Sprintf("a pattern is one of names, such as %q, or of addresses, such as %q", "shop-*", "software */kvm/software.cfg on COMP-*"))
}
