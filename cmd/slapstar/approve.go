package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"slapstar/cmd/slapstar/internal/view"
	"slapstar/engine"
)

// approve asks; only the word yes is an approval.
func approve(ctx context.Context, e *env, plan *engine.Plan) error {
	var names []string
	for _, c := range plan.Changes {
		if c.Action == engine.Delete {
			names = append(names, view.Escape(string(c.Address())))
		}
	}
	if len(names) > 0 {
		fmt.Fprintf(e.Err, "\nThis destroys %s.", strings.Join(names, ", "))
	}
	fmt.Fprint(e.Err, "\nCarry this plan out? Only “yes” is taken for an approval: ")
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(e.In).ReadString('\n')
		answer <- strings.TrimSpace(line)
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(e.Err)
		return fmt.Errorf("%w; nothing was changed", ctx.Err())
	case a := <-answer:
		if a != "yes" {
			return errors.New("not approved; nothing was changed")
		}
	}
	return nil
}
