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

	"slapstar/cmd/slapstar/internal/lock"
	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/term"
	"slapstar/cmd/slapstar/internal/view"
	"slapstar/starlib/lang"
)

type lockOptions struct {
	update       cli.StringSlice
	check        bool
	format       string
	inputs       inputFlags
	environments targetFlags
}

func lockCommand(e *env) *cli.Command {
	var o lockOptions
	return &cli.Command{
		Name:      "lock",
		Usage:     "write " + lock.Name + ", which keeps plans from following what products stand for; with --check say what has moved",
		ArgsUsage: "[FILE|ENV ...]",
		Flags: slices.Concat([]cli.Flag{
			&cli.StringSliceFlag{Name: "update", Usage: "take the release that the Master names today for the product `NAME`, or for all that match the pattern", Destination: &o.update},
			&cli.BoolFlag{Name: "check", Usage: "write nothing: list what has moved, and what that would mean; exit with 2 if there is any", Destination: &o.check},
			formatFlag(&o.format, "of --check: text, markdown for a comment, or json (docs/lock.schema.json)", "text", "markdown", "json"),
		}, o.environments.flags(), o.inputs.flags()),
		Action: func(c *cli.Context) error {
			switch {
			case o.check && len(o.update.Value()) > 0:
				return usagef("--update does not go with --check, which writes nothing")
			case !o.check && o.format != "text":
				return usagef("--format goes with --check")
			}
			return onTargets(e, &o.environments, &o.format, func(ctx context.Context, e *env, file string) error {
				return e.watched(ctx, func(ctx context.Context) error { return o.run(ctx, e, file) })
			})(c)
		},
	}
}

func (o lockOptions) run(ctx context.Context, e *env, file string) error {
	if e.global.connection.Trust.Untrusted && !o.check {
		return fmt.Errorf("%w: the files are untrusted, and a lock is part of them: slapstar lock --check writes nothing", run.ErrRefused)
	}
	old, err := e.locked(ctx, file)
	if err != nil {
		return err
	}
	return withMaster(e, file, readOnly, func(m *run.Master) error {
		if o.check {
			return o.compare(ctx, e, m, file, old)
		}
		return o.write(ctx, e, m, file, old)
	})
}

// planner is one that has no lock yet.
func (o lockOptions) planner(ctx context.Context, e *env, m *run.Master, file string) (*run.Planner, error) {
	planning := planningFlags{missingSecrets: true, unlocked: true, unchecked: !o.check, inputs: o.inputs}
	p, err := planning.planner(ctx, e, m, file)
	if err == nil {
		p.Quiet = true
	}
	return p, err
}

// write writes the lock.
func (o lockOptions) write(ctx context.Context, e *env, m *run.Master, file string, old run.Locked) error {
	p, err := o.planner(ctx, e, m, file)
	if err != nil {
		return err
	}
	fresh, said, err := p.Relock(ctx, old, o.update.Value(), e.environment != nil)
	if err != nil {
		return err
	}
	for _, text := range said {
		fmt.Fprintf(e.Err, "slapstar: %s\n", term.Escape(text))
	}
	folder := e.lockFolderOf(file)
	f, err := e.connection().ReadLock(ctx, folder)
	if err != nil {
		return err
	}
	if f.Environments == nil {
		f.Environments = map[string]map[string]lock.Product{}
	}
	f.Environments[e.environmentName()] = fresh
	path := filepath.Join(folder, lock.Name)
	if err := run.ReplaceFile(path, []byte(f.Text()), 0o644); err != nil {
		return err
	}
	return sayLocked(e, path, old.Products, fresh)
}

// sayLocked says what a lock has become.
func sayLocked(e *env, path string, old, fresh map[string]lock.Product) error {
	var b strings.Builder
	var added, updated, removed, kept int
	names := maps.Clone(old)
	if names == nil {
		names = map[string]lock.Product{}
	}
	maps.Copy(names, fresh)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		was, there := old[name]
		now, stays := fresh[name]
		switch {
		case !there:
			added++
			fmt.Fprintf(&b, "  + product.%s  %s\n", term.Name(name), term.Escape(now.URL))
		case !stays:
			removed++
			fmt.Fprintf(&b, "  - product.%s  %s\n", term.Name(name), term.Escape(was.URL))
		case was.URL != now.URL:
			updated++
			fmt.Fprintf(&b, "  ~ product.%s  %s → %s\n", term.Name(name), term.Escape(was.URL), term.Escape(now.URL))
		case !was.Same(now):
			updated++
			fmt.Fprintf(&b, "  ~ product.%s  %s, whose schema is another one\n", term.Name(name), term.Escape(now.URL))
		default:
			kept++
		}
	}
	_, err := fmt.Fprintf(e.Out, "%s%s: %d added, %d updated, %d removed, %d kept.\n", b.String(), term.Escape(path), added, updated, removed, kept)
	return err
}

// compare shows how the lock stands to the Master.
func (o lockOptions) compare(ctx context.Context, e *env, m *run.Master, file string, old run.Locked) error {
	p, err := o.planner(ctx, e, m, file)
	if err != nil {
		return err
	}
	locked, err := o.planner(ctx, e, m, file)
	if err != nil {
		return err
	}
	p.Print, locked.Print = nil, nil
	found, err := p.CheckLock(ctx, old, locked)
	if err != nil {
		return err
	}
	r := lockReport(found)
	r.Environment, r.File = e.environmentName(), filepath.ToSlash(filepath.Join(e.lockFolderOf(file), lock.Name))
	if o.format == "markdown" {
		err = r.WriteMarkdown(e.Out)
	} else {
		err = e.show(o.format, r)
	}
	if err == nil && !r.Clean {
		return errPending
	}
	return err
}

func lockReport(c *run.LockCheck) view.LockReport {
	r := view.LockReport{FormatVersion: 1, Clean: c.Clean(), Products: []view.LockedProduct{}, Upgrades: []view.PendingUpgrade{}, Invalid: []view.Invalid{}, Unsaid: c.Unsaid}
	for _, p := range c.Products {
		v := view.LockedProduct{Name: p.Name, Status: string(p.Status), Locked: p.Locked.URL, Now: p.Now.URL,
			LockedSchema: p.Locked.Schema, NowSchema: p.Now.Schema, Differences: []view.SchemaDifference{}, Unread: p.Unread}
		for _, d := range p.Differences {
			v.Differences = append(v.Differences, view.SchemaDifference(d))
		}
		r.Products = append(r.Products, v)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Upgrades)) {
		r.Upgrades = append(r.Upgrades, view.PendingUpgrade{Instance: name, State: c.Upgrades[name]})
	}
	if files, wrong := errors.AsType[*lang.Error](c.Broken); wrong {
		for _, p := range files.Problems {
			r.Invalid = append(r.Invalid, view.Invalid{Position: p.Position.String(), Message: fmt.Sprintf("%v: %s", p.Position, p.Message), Hint: p.Hint})
		}
	}
	for _, refusal := range c.Invalid {
		r.Invalid = append(r.Invalid, view.NewInvalid(refusal))
	}
	return r
}
