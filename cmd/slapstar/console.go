package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"sync/atomic"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/limit"
	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/term"
	"slapstar/engine"
	"slapstar/slap"
	"slapstar/slap/release"
	"slapstar/starlib"
	"slapstar/starlib/console"
)

type consoleOptions struct {
	file        string // a script; empty: none
	stdin       bool   // the script is standard input, whoever is at the terminal
	code        string
	hasCode     bool
	staged      bool
	yes         bool
	showSecrets bool
	inputs      inputFlags
}

func consoleCommand(e *env) *cli.Command {
	var o consoleOptions
	return &cli.Command{
		Name:      "console",
		Aliases:   []string{"repl"},
		Usage:     "a prompt for ad-hoc work; or a script, code, or what comes on standard input",
		ArgsUsage: "[SCRIPT|ENV|-]",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "c", Usage: "evaluate `CODE`", Destination: &o.code},
			&cli.BoolFlag{Name: "staged", Usage: "collect what is asked for: plan() shows it, apply() carries it out, save(FILE) writes it", Destination: &o.staged},
			&cli.BoolFlag{Name: "yes", Usage: "change and destroy what exists without asking", Destination: &o.yes},
			showSecretsFlag(&o.showSecrets),
		}, o.inputs.flags()...),
		Action: func(c *cli.Context) error {
			o.hasCode = c.IsSet("c")
			o.file = c.Args().First()
			switch {
			case c.NArg() > 1:
				return usagef("console takes one SCRIPT, got %q", c.Args().Slice())
			case o.hasCode && o.file != "" && (o.file == stdin || namesFile(o.file)):
				return usagef("console takes -c CODE or a SCRIPT, not both")
			}
			if o.stdin = o.file == stdin; o.stdin {
				o.file = ""
			}
			return o.inTarget(c, e)
		},
	}
}

// inTarget runs a console on a script, or in an environment: with its configuration, its
// inputs, its secrets and its root. Its files are not evaluated.
func (o consoleOptions) inTarget(c *cli.Context, e *env) error {
	if o.file == "" {
		return runConsole(c.Context, e, o)
	}
	t, err := e.entry(c)
	if err != nil {
		return err
	}
	if t.env.environment != nil {
		o.file = ""
	}
	return runConsole(c.Context, t.env, o)
}

// consoleEntry is the file whose folder a console without a script is in: the
// configuration is looked for beside it.
const consoleEntry = "main.star"

func runConsole(ctx context.Context, e *env, o consoleOptions) (err error) {
	atPrompt := e.Interactive && !o.hasCode && !o.stdin && o.file == ""
	if err := checkShowSecrets(e, o.showSecrets); err != nil {
		return err
	}
	if err := e.checkLimits(); err != nil {
		return err
	}
	in, err := o.inputs.inputs(e, o.file)
	if err != nil {
		return err
	}
	entry := o.file
	if e.environment != nil {
		entry = e.environment.File()
	} else if entry == "" {
		entry = filepath.Join(in.Root, consoleEntry)
	} else if !run.Exists(entry) {
		return fmt.Errorf("there is no file %s", entry)
	} else if err := checkNoPlan(entry); err != nil {
		return err
	}
	c := &shell{env: e, options: o, file: entry}
	if atPrompt { // from here on Ctrl-C ends what is running, and not the process
		c.takeInterrupts()
		defer c.restoreInterrupts()
	}
	connection := c.quietEnv().connection()
	connection.Waiting = func() func() { return c.watch.Load().Wait() }
	if c.master, err = connection.Open(entry, false); err != nil {
		return err
	}
	defer func() { err = closing(c.master, err) }()
	if c.session, err = c.newSession(in); err != nil {
		return err
	}
	defer c.session.Close()
	switch {
	case atPrompt:
		return c.loop(ctx)
	case o.hasCode:
		return c.script(ctx, "<command>", []byte(o.code))
	case o.file != "":
		return c.script(ctx, "", nil)
	}
	source, err := io.ReadAll(io.LimitReader(e.In, maxScript+1))
	if err != nil {
		return fmt.Errorf("reading the standard input: %w", err)
	}
	if len(source) > maxScript {
		return fmt.Errorf("the standard input is longer than %d MiB", maxScript>>20)
	}
	return c.script(ctx, stdinName, source)
}

const maxScript = 8 << 20 // bytes on standard input

// A shell is a session with its Master and, at a prompt, its terminal.
type shell struct {
	env     *env
	options consoleOptions
	file    string // a script, or where one would be
	master  *run.Master
	schemas *release.Schemas // of the cache: a session does not use the network by itself
	session *console.Session
	names   names
	watch   atomic.Pointer[limit.Watch] // of what is evaluated; nil: nothing is

	terminal // at a prompt only
}

func (c *shell) newSession(in starlib.Inputs) (*console.Session, error) {
	schemas := c.master.Schemas(in.Source)
	schemas.Dir, schemas.Offline = c.options.inputs.schemas, true
	c.schemas = schemas
	products := &productCache{look: c.master.Product, allow: func(release string) { c.master.Allow(schemas, release) }}
	in.Product, in.Products = products.release, c.master.Products
	travel := &run.Serialisations{Schemas: schemas}
	in.Serialisation = func(ctx context.Context, t starlib.Travel) (slap.Serialisation, error) {
		said, err := travel.Ask(ctx, t)
		if said != "" {
			return said, nil
		}
		state, lookErr := lookAt(ctx, c.master.Reader(), t.Instance, t.Shared)
		if lookErr != nil {
			return "", errors.Join(err, lookErr)
		}
		return run.SerialisationOf(state.Instances[t.Instance].Parameters), err
	}
	in.Place, in.Memory = c.env.place, c.env.global.limits.Values()
	in.Print = func(_ engine.Position, message string) {
		// What a script prints is its result, for the program that reads it: without
		// a place in front, and where no person looks, as it is.
		if !c.env.Redirected {
			message = term.Clean(message)
		}
		fmt.Fprintln(c.env.Out, message)
	}
	c.names.master = c.master.Reader()
	o := console.Options{Suggest: c.names.suggest, Manual: &manual{schemas, products}, Products: c.master.ListProducts, ShowSecrets: c.options.showSecrets, Untrusted: c.env.global.connection.Trust.Untrusted}
	if c.options.staged {
		o.Staging = &staging{c}
	} else {
		o.Live = &live{Client: c.master.Client, c: c}
	}
	return console.New(in, o)
}

// script evaluates a whole script. A nil source is that of the file.
func (c *shell) script(ctx context.Context, name string, source []byte) error {
	return c.watched(ctx, func(ctx context.Context) error { return c.session.Script(ctx, name, source) })
}

// watched evaluates within the limits. Each entry has its own.
func (c *shell) watched(ctx context.Context, evaluate func(context.Context) error) error {
	return c.env.watched(ctx, func(ctx context.Context) error {
		c.watch.Store(c.env.watch)
		defer c.watch.Store(nil)
		return evaluate(ctx)
	})
}
