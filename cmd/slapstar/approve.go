package main

import (
	"context"
	"fmt"
	"strings"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/term"
	"slapstar/engine"
	"slapstar/starlib/lang"
)

// errNobodyToAsk refuses before anything is read.
var errNobodyToAsk = lang.Hint(fmt.Errorf("%w: there is no terminal to ask for approval on", run.ErrRefused),
	"--auto-approve applies without asking")

// approve asks; only the word yes is an approval.
func approve(ctx context.Context, e *env, plan *engine.Plan) error {
	var names []string
	for _, c := range plan.Changes {
		if c.Action == engine.Delete {
			names = append(names, term.Name(string(c.Address())))
		}
	}
	if len(names) > 0 {
		fmt.Fprintf(e.Err, "\nThis destroys %s.", strings.Join(names, ", "))
	}
	defer e.watch.Wait()()
	answer, err := readLine(ctx, e, "\nCarry this plan out? Only “yes” is taken for an approval: ")
	switch {
	case err != nil:
		return fmt.Errorf("%w; nothing was changed", err)
	case strings.TrimSpace(answer) != "yes":
		return errDeclined
	}
	return nil
}
