package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/starlib/lang"
)

// defaultEntry is the entry file of a command that is given none.
const defaultEntry = "main.star"

// onEntry is the action of a command on FILE, which it sets before do.
func onEntry(file *string, do func(context.Context) error) cli.ActionFunc {
	return func(c *cli.Context) (err error) {
		if *file, err = entryFile(c); err != nil {
			return err
		}
		return do(c.Context)
	}
}

// entryFile returns the one argument of a command, or main.star. It must exist.
func entryFile(c *cli.Context) (string, error) {
	file := defaultEntry
	switch c.NArg() {
	case 0:
	case 1:
		file = c.Args().First()
	default:
		return "", usagef("%s takes one FILE, got %q", c.Command.Name, c.Args().Slice())
	}
	info, err := os.Lstat(file) // a link is for the evaluation to judge
	switch {
	case errors.Is(err, os.ErrNotExist) && c.NArg() == 0:
		return "", lang.Hint(fmt.Errorf("there is no file %s here", file), fmt.Sprintf("slapstar %s FILE takes another", c.Command.Name))
	case errors.Is(err, os.ErrNotExist):
		return "", fmt.Errorf("there is no file %s", file)
	case err != nil:
		return "", err
	case info.IsDir():
		err := fmt.Errorf("%s is a folder, want a file", file)
		if inside := filepath.Join(file, defaultEntry); run.Exists(inside) {
			return "", lang.Hint(err, fmt.Sprintf("did you mean %s?", inside))
		}
		return "", err
	}
	return file, checkNoPlan(file)
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
