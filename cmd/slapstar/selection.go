package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"slapstar/engine"
	"slapstar/starlib/lang"
)

// selectionFlags choose a part of a plan.
type selectionFlags struct{ targets, excludes cli.StringSlice }

func (f *selectionFlags) flags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "target", Usage: "only what has the name or matches the `PATTERN`, such as 'shop-*', and what has to go before it; may be repeated", Destination: &f.targets},
		&cli.StringSliceFlag{Name: "exclude", Usage: "not what has the name or matches the `PATTERN`, nor what waits for it; may be repeated", Destination: &f.excludes},
	}
}

func (f *selectionFlags) selection() engine.Selection {
	return engine.Selection{Targets: f.targets.Value(), Excludes: f.excludes.Value()}
}

// checkSelection refuses a selection of which a part matches nothing: it may be a
// slip.
func checkSelection(plan *engine.Plan) error {
	if plan.Partial == nil || len(plan.Partial.Unmatched) == 0 {
		return nil
	}
	pattern := plan.Partial.Unmatched[0]
	flag := "--exclude"
	if slices.Contains(plan.Partial.Targets, pattern) {
		flag = "--target"
	}
	if err := engine.CheckPattern(pattern); err != nil {
		return lang.Hint(usagef("%s: %v", flag, err), fmt.Sprintf("the instance of this name is '%s'", engine.EscapeName(pattern)))
	}
	var names []string
	for _, r := range plan.Declared.Resources {
		names = append(names, strings.TrimPrefix(string(r.Address()), "instance "))
	}
	err := usagef("%s: no change of the plan matches %q", flag, pattern)
	if hint := lang.DidYouMean(strings.Trim(pattern, "*"), names); hint != "" {
		return lang.Hint(err, hint)
	}
	if more := plan.Declared.More; more != nil {
		return lang.Hint(err, fmt.Sprintf("the files declare more after %v, which is not known yet: select it once it is", more.Origin.Position()))
	}
	return lang.Hint(err, fmt.Sprintf("a pattern is one of names, such as %q, or of addresses, such as %q", "shop-*", "software */kvm/software.cfg on COMP-*"))
}
