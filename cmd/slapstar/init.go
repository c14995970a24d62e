package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/term"
	"slapstar/cmd/slapstar/internal/view"
	"slapstar/slap/config"
	"slapstar/starlib/lang"
)

type initOptions struct {
	folder   string
	embedded bool
	ci       string
}

func initCommand(e *env) *cli.Command {
	var o initOptions
	return &cli.Command{
		Name:      "init",
		Usage:     "make a folder ready: try a Master, write slapos.cfg, main.star, a test and .gitignore, and plan",
		ArgsUsage: "[FOLDER]",
		Description: "A terminal is asked for what no flag says. No file that exists is changed.\n" +
			"--master-url, --project, --cert-file, --key-file and --ca-file say what is written; slapstar login gets a certificate.\n" +
			"Examples: slapstar init --embedded; slapstar init services --master-url https://slap.vifib.com/ --cert-file me.crt --key-file me.key",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "embedded", Usage: "the Master is an embedded one, in the folder: for a first try, and for tests", Destination: &o.embedded},
			&cli.StringFlag{Name: "ci", Usage: "write the files for the CI system `SYSTEM`, too: " + strings.Join(ciSystems(), " or "), Destination: &o.ci},
		},
		Action: func(c *cli.Context) error {
			if c.NArg() > 1 {
				return usagef("init takes one FOLDER, got %q", c.Args().Slice())
			}
			if o.folder = "."; c.NArg() == 1 {
				o.folder = c.Args().First()
			}
			return o.run(c.Context, e)
		},
	}
}

func (o initOptions) run(ctx context.Context, e *env) error {
	if err := run.CheckInit(o.folder); err != nil {
		return err
	}
	connection := e.connection()
	switch {
	case connection.File != "" || connection.Trust.Untrusted || connection.Insecure:
		return usagef("init writes a slapos.cfg: it goes with neither --cfg, --insecure nor --untrusted")
	case o.embedded && connection.MasterURL != "":
		return usagef("--embedded and --master-url are two Masters: give one of them")
	}
	if o.embedded {
		connection.MasterURL = run.EmbeddedMaster
	}
	if err := o.ask(ctx, e, &connection); err != nil {
		return err
	}
	more, err := ciFiles(o.ci)
	if err != nil {
		return err
	}
	configured := run.Configured(o.folder)
	done, err := (&run.Init{Folder: o.folder, Connection: connection, More: more}).Run(ctx)
	if err != nil {
		return err
	}
	o.say(e, done, configured && connection.MasterURL != "")
	o.sayCI(e)
	return o.plan(ctx, e, done)
}

// ask asks for what no flag says.
func (o *initOptions) ask(ctx context.Context, e *env, c *run.Connection) error {
	if run.Configured(o.folder) {
		return nil
	}
	if !e.Interactive {
		if c.MasterURL == "" {
			return lang.Hint(usagef("init has nobody to ask which Master is meant"), "--master-url URL, with --cert-file and --key-file, names one; --embedded makes one")
		}
		return nil
	}
	q := newQuestions(e)
	var err error
	asked := c.MasterURL == ""
	if asked {
		if c.MasterURL, err = q.ask(ctx, "URL of the Master (empty: an embedded one, in this folder): "); err != nil {
			return err
		}
		if c.MasterURL == "" {
			c.MasterURL = run.EmbeddedMaster
		}
	}
	if strings.HasPrefix(c.MasterURL, "https://") && c.CertFile == "" && c.KeyFile == "" {
		if c.CertFile, err = q.ask(ctx, "File of your certificate (empty: there is none; slapstar login gets one): "); err != nil {
			return err
		}
		if c.CertFile != "" {
			if c.KeyFile, err = q.ask(ctx, "File of its key: "); err != nil {
				return err
			}
		}
	}
	if asked && o.ci == "" {
		if o.ci, err = q.ask(ctx, fmt.Sprintf("Files for CI, %s (empty: none): ", strings.Join(ciSystems(), " or "))); err != nil {
			return err
		}
	}
	return nil
}

// say says what became of the files.
func (o initOptions) say(e *env, done *run.Initialised, unused bool) {
	view.Say(e.Err, fmt.Sprintf("it works: %s has %s of yours", done.Master, term.Counted(done.Instances, "instance")))
	if len(done.Wrote) > 0 {
		view.Say(e.Err, "wrote "+strings.Join(done.Wrote, ", "))
	}
	if len(done.Kept) > 0 {
		view.Say(e.Err, "kept as they are: "+strings.Join(done.Kept, ", "))
	}
	if unused {
		view.Say(e.Err, "slapos.cfg was there and is used: the Master that was named is not")
	}
	if path := os.Getenv(config.Variable); path != "" {
		view.Say(e.Err, fmt.Sprintf("$%s names %s, which is used instead of slapos.cfg as long as it is set", config.Variable, path))
	}
}

// plan shows the plan, and what comes next.
func (o initOptions) plan(ctx context.Context, e *env, done *run.Initialised) error {
	file := filepath.Join(o.folder, run.InitEntry)
	e.global.connection = e.global.connection.WithoutMaster()
	err := e.watched(ctx, func(ctx context.Context) error {
		return withMaster(e, file, readOnly, func(m *run.Master) error {
			_, plan, err := (&planningFlags{}).plan(ctx, e, m, file)
			if err != nil {
				return err
			}
			return planOptions{format: "text"}.show(e, plan)
		})
	})
	if err != nil {
		view.Say(e.Err, fmt.Sprintf("the folder is ready, and planning %s failed:", file))
		return err
	}
	if err := e.flush(); err != nil {
		return err
	}
	place := ""
	if o.folder != "." {
		place = " " + file
	}
	next := []string{"slapstar plan" + place, "slapstar apply" + place, "slapstar test" + strings.TrimSuffix(place, string(filepath.Separator)+run.InitEntry)}
	if done.Instances > 0 {
		next[1] = "slapstar import --out " + filepath.Join(o.folder, "existing.star")
	}
	fmt.Fprintf(e.Err, "Next:\n  %s\n", strings.Join(next, "\n  "))
	return nil
}
