package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/adopt"
	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/term"
	"slapstar/cmd/slapstar/internal/view"
	"slapstar/engine"
	"slapstar/slap/config"
	"slapstar/starlib"
	"slapstar/starlib/lang"
)

// importFlags say where what is imported goes, and where its credentials go.
type importFlags struct {
	out       string
	overwrite bool
	secrets   string
	secretDir string
	noSchemas bool
	schemas   string
}

// Where the values of credentials go.
const (
	secretsEnv  = "env"
	secretsFile = "file"
	secretsOmit = "omit"
)

func (f *importFlags) flags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "out", Usage: "write `FILE`, instead of standard output", Destination: &f.out},
		&cli.BoolFlag{Name: "overwrite", Usage: "replace files that exist", Destination: &f.overwrite},
		&cli.StringFlag{Name: "secrets", Value: secretsEnv, Usage: "where the values of credentials go, which become secret(NAME): `WAY` is env, nowhere: the variables that the next plan needs are listed; file, one file each in --secret-dir; omit, nowhere: ignore_changes leaves them to the Master", Destination: &f.secrets},
		&cli.BoolFlag{Name: "no-schemas", Usage: "do not check parameters against the schemas of the releases", Destination: &f.noSchemas},
	}
}

func (f *importFlags) secretDirFlag() cli.Flag {
	return &cli.StringFlag{Name: "secret-dir", Usage: "the `FOLDER` of --secrets file, outside of any git work tree", Destination: &f.secretDir}
}

func (f *importFlags) check() error {
	switch f.secrets {
	case secretsEnv, secretsOmit:
		if f.secretDir != "" {
			return usagef("--secret-dir goes with --secrets file")
		}
	case secretsFile:
		if f.secretDir == "" {
			return lang.Hint(usagef("--secrets file needs --secret-dir FOLDER, where the values go"), "name a folder outside of the repository, such as ~/.slapos/secrets")
		}
		f.secretDir = config.ExpandHome(f.secretDir)
		if err := f.folder().Check(f.out); err != nil {
			return err
		}
	default:
		return usagef("--secrets: got %q, want env, file or omit", f.secrets)
	}
	switch {
	case f.out == "" && f.overwrite:
		return usagef("--overwrite goes with --out")
	case f.out != "" && filepath.Ext(f.out) != ".star":
		return usagef("--out: got %q, want a file whose name ends in .star", f.out)
	case f.out != "" && !f.overwrite:
		return run.CheckNew([]run.NewFile{{Path: f.out}})
	}
	return nil
}

func (f *importFlags) folder() run.SecretFolder { return run.SecretFolder{Path: f.secretDir} }

type importOptions struct {
	importFlags
	patterns    []string
	split       string
	environment string // of the project: its Master is the one that is read
}

func importCommand(e *env) *cli.Command {
	var o importOptions
	return &cli.Command{
		Name:      "import",
		Usage:     "write files that declare what the Master has; writes nothing to the Master",
		ArgsUsage: "[PATTERN…]",
		Description: "A PATTERN is one of names, such as 'shop-*', or of addresses, as for --target; none stands for all.\n" +
			"What is written is planned before it is kept: the plan is empty. docs/howto/adopting.md says what becomes of what.\n" +
			"Examples: slapstar import --out existing.star; slapstar import 'shop-*' --out shop.star --secrets file --secret-dir ~/.slapos/secrets",
		Flags: append(o.importFlags.flags(),
			o.secretDirFlag(), schemaDirFlag(&o.schemas),
			&cli.StringFlag{Name: "split", Usage: "write several files beside FILE, which loads them: `HOW` is by-product or by-node", Destination: &o.split},
			&cli.StringFlag{Name: "environment", Usage: "read the Master of the environment `ENV` of the project", Destination: &o.environment},
		),
		Action: func(c *cli.Context) error {
			o.patterns = c.Args().Slice()
			if err := o.check(); err != nil {
				return err
			}
			return e.watched(c.Context, func(ctx context.Context) error {
				e, file := e, o.entry()
				if o.environment != "" {
					t, err := e.named(ctx, "import", o.environment)
					if err != nil {
						return err
					}
					e, file = t.env, t.file
				}
				return withMaster(e, file, readOnly, func(m *run.Master) error { return o.run(ctx, e, m) })
			})
		},
	}
}

func (o *importOptions) check() error {
	if err := o.importFlags.check(); err != nil {
		return err
	}
	if _, ok := run.Splits()[o.split]; o.split != "" && !ok {
		return usagef("--split: got %q, want by-product or by-node", o.split)
	}
	if o.split != "" && o.out == "" {
		return usagef("--split writes several files, so it needs --out FILE: the one that loads the others")
	}
	for _, pattern := range o.patterns {
		if err := engine.CheckPattern(pattern); err != nil {
			return usagef("%v", err)
		}
	}
	return nil
}

// entry is the file that is written, or would be.
func (f *importFlags) entry() string {
	if f.out == "" {
		return defaultEntry
	}
	return f.out
}

func (o *importOptions) run(ctx context.Context, e *env, m *run.Master) error {
	i := &run.Import{
		Entry:   filepath.Base(o.entry()),
		Split:   run.Splits()[o.split],
		Options: adopt.Options{Patterns: o.patterns},
	}
	done, err := o.importFlags.run(ctx, e, m, i)
	if err != nil {
		return err
	}
	if len(done.Unmatched) > 0 {
		err := usagef("no instance and no software on the Master matches %q", done.Unmatched[0])
		if hint := lang.DidYouMean(strings.Trim(done.Unmatched[0], "*"), done.State.Names()); hint != "" {
			return lang.Hint(err, hint)
		}
		return lang.Hint(err, "slapstar list shows the names")
	}
	return o.write(e, done)
}

// run reads, writes in memory, and plans.
func (f *importFlags) run(ctx context.Context, e *env, m *run.Master, i *run.Import) (*run.Imported, error) {
	i.Options.Omit = f.secrets == secretsOmit
	i.Planner = func(in starlib.Inputs) *run.Planner {
		p := run.NewPlanner(m, in)
		p.Watch, p.Check, p.Quiet = e.watch, !f.noSchemas, true
		p.Options.Key = e.key
		if f.schemas != "" {
			p.Schemas.Dir = f.schemas
		}
		e.watchSchemas(p)
		return p
	}
	done, err := i.Run(ctx, m)
	if refused, ok := errors.AsType[*run.NotEmptyError](err); ok {
		view.Text{W: e.Err, Color: e.ErrColor, Width: e.ErrColumns(), Brief: true}.Plan(refused.Plan)
		return nil, lang.Hint(err, "does somebody change it meanwhile? Try again, or take a part of it, by PATTERN")
	}
	if err == nil {
		view.SayOddities(e.Err, done.State.Odd)
	}
	return done, err
}

// write writes the files, and says what there is to know.
func (f *importFlags) write(e *env, done *run.Imported) error {
	if len(done.Config.Resources) == 0 {
		f.sayLeft(e, done)
		view.Say(e.Err, "there is nothing to import, so nothing is written")
		return nil
	}
	secrets, err := f.secretFiles(done)
	if err != nil {
		return err
	}
	if f.out == "" {
		if err := run.WriteNew(secrets, false); err != nil {
			return err
		}
		if _, err := fmt.Fprint(e.Out, done.Files[defaultEntry]); err != nil {
			return err
		}
		if err := e.flush(); err != nil {
			return err
		}
	} else if err := run.WriteNew(append(secrets, f.files(done)...), f.overwrite); err != nil {
		return err
	}
	f.say(e, done)
	return nil
}

// files are those to write; the one that loads the others is the last.
func (f *importFlags) files(done *run.Imported) []run.NewFile {
	var list []run.NewFile
	entry := filepath.Base(f.out)
	for _, name := range slices.Sorted(maps.Keys(done.Files)) {
		if name != entry {
			list = append(list, run.NewFile{Path: filepath.Join(filepath.Dir(f.out), name), Text: []byte(done.Files[name]), Mode: 0o644})
		}
	}
	return append(list, run.NewFile{Path: f.out, Text: []byte(done.Files[entry]), Mode: 0o644})
}

// secretFiles are the files of secrets that are not there yet.
func (f *importFlags) secretFiles(done *run.Imported) ([]run.NewFile, error) {
	if f.secrets != secretsFile || len(done.Secrets) == 0 {
		return nil, nil
	}
	list, err := f.folder().Missing(done.Secrets)
	if err == nil {
		err = f.folder().Make()
	}
	return list, err
}

// say says what was written, and what was not.
func (f *importFlags) say(e *env, done *run.Imported) {
	for _, s := range done.Secrets { // from now on nothing shows them
		e.hidden.Add(s.Value)
	}
	f.sayLeft(e, done)
	if !done.AllNodes && len(done.Config.Software()) == 0 {
		view.Say(e.Err, "this Master does not list its compute nodes: only the software of those is looked at on which instances are")
	}
	for n, r := range done.Refused {
		if n == mostRefused {
			view.Say(e.Err, fmt.Sprintf("and %d more of the kind", len(done.Refused)-n))
			break
		}
		view.Say(e.Err, fmt.Sprintf("%s: what runs is not what the schema of its release allows, so a plan is refused until it is mended, or with --no-schemas: %s", r.Address, r.Message))
	}
	where := ""
	if f.out != "" {
		where = "wrote " + strings.Join(f.names(done), ", ") + ": "
	}
	view.Say(e.Err, fmt.Sprintf("%s%s, %s; the plan is empty", where,
		term.Counted(len(done.Config.Instances()), "instance"), term.Counted(len(done.Config.Software()), "software installation")))
	f.saySecrets(e, done)
}

func (f *importFlags) names(done *run.Imported) []string {
	var list []string
	for _, file := range f.files(done) {
		list = append(list, file.Path)
	}
	return list
}

func (f *importFlags) sayLeft(e *env, done *run.Imported) {
	for _, left := range done.Left {
		view.Say(e.Err, "not written: "+left.String())
	}
}

// saySecrets says how the next plan gets the secrets.
func (f *importFlags) saySecrets(e *env, done *run.Imported) {
	if len(done.Secrets) == 0 {
		return
	}
	if f.secrets == secretsFile {
		view.Say(e.Err, fmt.Sprintf("the values of %s are in %s, for you alone; a plan takes them by --secret-dir %s", term.Counted(len(done.Secrets), "secret"), f.secretDir, shellQuoted(f.secretDir)))
		return
	}
	view.Say(e.Err, fmt.Sprintf("the files need %s, whose values are nowhere but on the Master; a plan takes them from these variables, or asks at a terminal:", term.Counted(len(done.Secrets), "secret")))
	for _, s := range done.Secrets {
		fmt.Fprintf(e.Err, "export %s=  # parameter %s of instance %s\n", secretVariable(s.Name), term.Quote(s.Path), term.Quote(s.Instance))
	}
}

// mostRefused is how many findings of schemas are said.
const mostRefused = 20

// secretVariable is the environment variable of a secret.
func secretVariable(name string) string { return "SLAPSTAR_SECRET_" + name }
