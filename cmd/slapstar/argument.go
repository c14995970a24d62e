package main

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/starlib/lang"
)

// defaultEntry is the entry file of a command that is given none.
const defaultEntry = "main.star"

// onEntry is the action of a command on one FILE, or one environment: it sets file, and e
// to that of the environment, before do.
func onEntry(e *env, file *string, do func(context.Context, *env) error) cli.ActionFunc {
	return func(c *cli.Context) error {
		t, err := e.entry(c)
		if err != nil {
			return err
		}
		*file = t.file
		return do(c.Context, t.env)
	}
}

// entry is the one target of a command.
func (e *env) entry(c *cli.Context) (target, error) {
	targets, err := e.targets(c, targetFlags{})
	if err == nil && len(targets) != 1 {
		err = errOneTarget(c)
	}
	if err != nil {
		return target{}, err
	}
	return targets[0], nil
}

// checkNoPlan refuses a saved plan where a Starlark file is expected: a plan is carried out
// only where it is named as one.
func checkNoPlan(file string) error {
	if !run.IsPlan(file) {
		return nil
	}
	return lang.Hint(usagef("%s is a saved plan, and no Starlark file", file), fmt.Sprintf("slapstar apply --plan %s carries it out", file))
}

// noArguments refuses arguments. instead says where what they may have meant goes,
// and may be empty.
func noArguments(c *cli.Context, instead string) error {
	if c.NArg() == 0 {
		return nil
	}
	err := usagef("%s takes no argument, got %q", c.Command.Name, c.Args().Slice())
	if instead != "" {
		return fmt.Errorf("%w; %s", err, instead)
	}
	return err
}
