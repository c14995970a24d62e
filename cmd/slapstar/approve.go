package main

import (
	"context"
	"fmt"
	"strings"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/view"
	"slapstar/engine"
	"slapstar/starlib/lang"
)

// errNobodyToAsk refuses before anything is read.
var errNobodyToAsk = lang.Hint(fmt.Errorf("%w: there is no terminal to ask for approval on", run.ErrRefused),
	"--auto-approve applies without asking")

// approve asks; only the word yes is an approval.
func approve(ctx context.Context, e *env, plan *engine.Plan) error {
	if names := view.Destroyed(plan); names != "" {
		fmt.Fprintf(e.Err, "\nThis destroys %s.", names)
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

// checkApproval returns an error for flags that do not go together.
func (o *applyOptions) checkApproval() error {
	switch {
	case o.approvedBy != "" && o.autoApprove:
		return usagef("--approved does not go with --auto-approve, which approves any plan")
	case o.approvedBy != "" && o.planFile != "":
		return usagef("--approved does not go with a saved plan, which is approved as it is")
	case o.planFile == "" && (o.next != "" || o.moved):
		return usagef("--out-next and --secrets-moved go with --plan")
	}
	return nil
}
