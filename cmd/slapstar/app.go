package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"slapstar/cmd/slapstar/internal/limit"
	"slapstar/cmd/slapstar/internal/run"
	"slapstar/starlib/lang"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/term"
)

// An env is what a command works with.
type env struct {
	term.Streams
	stderr *term.Diversion // that Err is
	global global
	place  *lang.Place  // of the evaluation that runs
	watch  *limit.Watch // of the work that runs; nil: there is none that has to be watched
}

// execute runs one command line and returns the exit code. Nothing else exits
// or touches the standard streams.
func execute(ctx context.Context, streams term.Streams, args []string) int {
	e := &env{Streams: streams, stderr: &term.Diversion{W: streams.Err}, place: &lang.Place{}}
	e.Err = e.stderr
	app := newApp(e)
	err := func() error {
		reordered, err := reorder(app, args)
		if err != nil {
			return err
		}
		return app.RunContext(ctx, reordered)
	}()
	if err != nil && !silent(err) {
		printError(streams.Err, err)
	}
	return exitCode(err)
}

func newApp(e *env) *cli.App {
	app := &cli.App{
		Name:        "slapstar",
		Usage:       "plan and apply SlapOS services",
		UsageText:   "slapstar [global flags] COMMAND [flags] [FILE]",
		Reader:      e.In,
		Writer:      e.Out,
		ErrWriter:   e.Err,
		Flags:       e.global.flags(),
		HideVersion: true,

		DisableSliceFlagSeparator: true,
		Commands: []*cli.Command{ // in help order
			planCommand(e),
			applyCommand(e),
			destroyCommand(e),
			consoleCommand(e),
			listCommand(e),
			infoCommand(e),
			orphansCommand(e),
			computersCommand(e),
			graphCommand(e),
			testCommand(e),
			validateCommand(e),
			fmtCommand(e),
			proxyCommand(e),
			versionCommand(e),
		},
		Before: func(*cli.Context) error {
			e.Color = e.Color && !e.global.noColor
			e.ErrColor = e.ErrColor && !e.global.noColor
			return nil
		},
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return unknownCommand(c.App, c.Args().First())
			}
			return cli.ShowAppHelp(c)
		},
		// cli exits and prints by itself otherwise.
		ExitErrHandler: func(*cli.Context, error) {},
		OnUsageError:   onUsageError,
	}
	for _, c := range app.Commands {
		c.OnUsageError = onUsageError
		c.HideHelpCommand = true // as a command below each command
	}
	return app
}

// onUsageError says in our words what package flag found wrong.
func onUsageError(c *cli.Context, err error, _ bool) error {
	text := err.Error()
	if name, ok := strings.CutPrefix(text, "flag provided but not defined: -"); ok {
		flags, command := c.App.Flags, "slapstar"
		if c.Command != nil && c.Command.Name != "" && c.Command.Name != c.App.Name {
			flags, command = append(c.Command.Flags, flags...), c.Command.FullName()
		}
		hint := fmt.Sprintf("slapstar %s --help lists the flags", command)
		if guess := cli.SuggestFlag(flags, strings.TrimLeft(name, "-"), true); guess != "" {
			hint = fmt.Sprintf("did you mean %s?", guess)
		}
		return lang.Hint(usagef("there is no flag --%s of %s", strings.TrimLeft(name, "-"), command), hint)
	}
	if strings.Contains(text, "-timeout") || strings.Contains(text, "-max-time") {
		return lang.Hint(usagef("%s", text), "a time has a unit, such as 30s or 10m")
	}
	return usagef("%s", text)
}

func unknownCommand(app *cli.App, name string) error {
	err := usagef("there is no command %q", name)
	hint := "slapstar --help lists the commands"
	if guess := cli.SuggestCommand(app.Commands, strings.ToLower(name)); strings.Contains(guess, `"`) && !strings.Contains(guess, `""`) {
		hint = "d" + strings.TrimPrefix(guess, "D") + " " + hint // Did you mean "plan"?
	}
	return lang.Hint(err, hint)
}

func versionCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:  "version",
		Usage: "print the version",
		Action: func(c *cli.Context) error {
			if c.NArg() > 0 {
				return usagef("version takes no argument, got %q", c.Args().Slice())
			}
			_, err := fmt.Fprintln(e.Out, "slapstar", version())
			return err
		},
	}
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Version
	}
	return "unknown"
}

// entryFile returns the one argument of a command, or main.star. It must exist.
func entryFile(c *cli.Context) (string, error) {
	file := "main.star"
	switch c.NArg() {
	case 0:
	case 1:
		file = c.Args().First()
	default:
		return "", usagef("%s takes one FILE, got %q", c.Command.Name, c.Args().Slice())
	}
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, os.ErrNotExist) && c.NArg() == 0:
		return "", lang.Hint(fmt.Errorf("there is no file %s here", file), fmt.Sprintf("slapstar %s FILE takes another", c.Command.Name))
	case errors.Is(err, os.ErrNotExist):
		return "", fmt.Errorf("there is no file %s", file)
	case err != nil:
		return "", err
	case info.IsDir():
		err := fmt.Errorf("%s is a folder, want a file", file)
		if inside := filepath.Join(file, "main.star"); run.Exists(inside) {
			return "", lang.Hint(err, fmt.Sprintf("did you mean %s?", inside))
		}
		return "", err
	}
	return file, nil
}
