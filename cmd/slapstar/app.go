package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/limit"
	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/term"
	"slapstar/internal/mask"
	"slapstar/slap/release"
	"slapstar/starlib/lang"
)

// An env is what a command works with. What it writes passes through the one filter of
// the run.
type env struct {
	term.Streams
	stderr   *term.Diversion // that Err is
	hidden   *mask.Filter    // the secrets of the run
	terminal io.Writer       // Err as it is, for what somebody types
	flush    func() error    // writes what the streams keep
	global   global
	key      mask.Key     // of the fingerprints of what is not shown
	place    *lang.Place  // of the evaluation that runs
	watch    *limit.Watch // of the work that runs; nil: nothing has to be watched
	last     func(error)  // reports what the process is ended with; nil: the message is enough
	now      func() time.Time
	files    *given      // that the command line names
	asking   *sync.Mutex // one question after the other
	dying    io.Writer   // gets what a watch says last, wherever Err leads

	project     *run.Project     // that the entry file is in; nil: in none
	environment *run.Environment // that the command works on; nil: on a FILE, or on no file
	neighbours  *neighbours      // of the environments that the command works on
	selected    map[string]bool  // names of the environments that the command works on
}

// newEnv returns the env of a process with a clock, and its standard output, which remembers its first
// error.
func newEnv(streams term.Streams, now func() time.Time) (*env, *remembering) {
	e := &env{now: now, Streams: streams, hidden: mask.New(term.Escape, quoted, term.Name, term.Clean), terminal: streams.Err, place: &lang.Place{},
		files: &given{}, asking: &sync.Mutex{}, key: digestKey(), global: global{schemas: &release.Budget{}}}
	standard := &remembering{w: streams.Out}
	out, errs := e.hidden.Writer(standard), e.hidden.Writer(streams.Err)
	e.flush = func() error { return errors.Join(out.Flush(), errs.Flush()) }
	e.stderr = &term.Diversion{W: errs}
	e.Out, e.Err, e.dying = out, e.stderr, errs
	return e, standard
}

// executeAt runs one command line with a clock, and returns the exit code. Nothing else exits
// or touches the standard streams.
func executeAt(ctx context.Context, streams term.Streams, args []string, now func() time.Time) int {
	e, standard := newEnv(streams, now)
	app := newApp(e)
	err := func() error {
		reordered, err := reorder(app, args)
		if err != nil {
			return err
		}
		return app.RunContext(ctx, reordered)
	}()
	if err != nil && !silent(err) {
		printError(e.dying, err)
	}
	if flushed := errors.Join(e.flush(), standard.failed); err == nil && flushed != nil { // not all commands look
		printError(e.dying, cmp.Or(standard.failed, flushed))
		err = flushed
	}
	return exitCode(err)
}

// A remembering writer keeps its first error.
type remembering struct {
	w      io.Writer
	failed error
}

func (r *remembering) Write(p []byte) (int, error) {
	n, err := r.w.Write(p)
	if r.failed == nil {
		r.failed = err
	}
	return n, err
}

// digestKey is that of the operator, or a new one.
func digestKey() mask.Key {
	if given := os.Getenv("SLAPSTAR_DIGEST_KEY"); given != "" {
		return mask.Key{Secret: []byte(given), Stable: true}
	}
	secret := make([]byte, 32)
	rand.Read(secret) // it never fails
	return mask.Key{Secret: secret}
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
			initCommand(e),
			planCommand(e),
			showCommand(e),
			applyCommand(e),
			destroyCommand(e),
			consoleCommand(e),
			listCommand(e),
			infoCommand(e),
			orphansCommand(e),
			importCommand(e),
			computersCommand(e),
			doctorCommand(e),
			driftCommand(e),
			graphCommand(e),
			testCommand(e),
			validateCommand(e),
			fmtCommand(e),
			loginCommand(e),
			proxyCommand(e),
			versionCommand(e),
		},
		Before: func(*cli.Context) error {
			e.Color = e.Color && !e.global.noColor
			e.ErrColor = e.ErrColor && !e.global.noColor
			if trust := e.global.connection.Trust; trust.Base != "" && !trust.Untrusted {
				return usagef("--base goes with --untrusted: without it the configuration is that of the files")
			}
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
			if err := noArguments(c, ""); err != nil {
				return err
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

// quoted is a text as it stands between quotation marks.
func quoted(s string) string {
	s = term.Quote(s)
	return s[1 : len(s)-1]
}
