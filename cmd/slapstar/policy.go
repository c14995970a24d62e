package main

import (
	"cmp"
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/term"
	"slapstar/engine"
	"slapstar/starlib/lang"
)

// policyFlags say which policies judge a plan, what they are told, and what is carried out
// in spite of them.
type policyFlags struct {
	files       cli.StringSlice
	overrides   cli.StringSlice
	reasons     cli.StringSlice
	environment string
	branch      string
	command     string // that is run; empty: policies do not judge what it plans
	lenient     bool   // an override was approved, and may have nothing left to do
}

func (f *policyFlags) flags(command string) []cli.Flag {
	f.command = command
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "policy", Usage: "have the policies in `FILE` judge the plan as well as those of " + run.PolicyName + " beside the entry file and the project file", Destination: &f.files},
		&cli.StringSliceFlag{Name: "override", Usage: "carry out what the function `NAME` of a policy denies; it is recorded with --reason", Destination: &f.overrides},
		&cli.StringSliceFlag{Name: "reason", Usage: "why, as `TEXT`: one for all overrides, or one for each, in order", Destination: &f.reasons},
		&cli.StringFlag{Name: "environment", Usage: "`NAME` of the environment that policies are told; else ENV, or $CI_ENVIRONMENT_NAME", Destination: &f.environment},
		&cli.StringFlag{Name: "branch", Usage: "`NAME` of the branch that policies are told; else that of GitLab CI, GitHub Actions or git", Destination: &f.branch},
	}
}

// given are the overrides, with a reason each.
func (f *policyFlags) given() ([]engine.Override, error) {
	names, reasons := f.overrides.Value(), f.reasons.Value()
	var list []engine.Override
	switch {
	case len(names) == 0 && len(reasons) > 0:
		return nil, usagef("--reason goes with --override NAME")
	case len(names) > 0 && len(reasons) == 0:
		return nil, lang.Hint(usagef("--override %s: want --reason TEXT with it", names[0]), "the reason is shown with the plan, and is part of its digest")
	case len(reasons) != 1 && len(reasons) != len(names):
		return nil, usagef("got %d of --override and %d of --reason, want one reason for all, or one for each", len(names), len(reasons))
	}
	for i, name := range names {
		reason := strings.TrimSpace(reasons[min(i, len(reasons)-1)])
		if reason == "" {
			return nil, usagef("--reason: got a blank text, want why")
		}
		if shown := term.Escape(reason); shown != reason { // the command that applies the plan repeats it
			return nil, usagef("--reason: got %q, want one line of characters that can be seen", shown)
		}
		if slices.ContainsFunc(list, func(o engine.Override) bool { return o.Name == name }) {
			return nil, usagef("--override %s: it is given twice", name)
		}
		list = append(list, engine.Override{Name: name, Reason: reason})
	}
	return list, nil
}

// policies finds the policies that judge the plans of an entry file.
func (f *policyFlags) policies(ctx context.Context, e *env, files lang.Source) (*run.Policies, error) {
	if f.command == "" {
		return nil, nil
	}
	by := &run.Policies{Lenient: f.lenient}
	var err error
	if by.Overrides, err = f.given(); err != nil {
		return nil, err
	}
	return by, f.find(ctx, e, by, files, f.files.Value())
}

// find adds the policies that there are now.
func (f *policyFlags) find(ctx context.Context, e *env, by *run.Policies, files lang.Source, named []string) error {
	connection := e.connection()
	sources, err := connection.Policies(ctx, files, e.project, e.environment, named)
	if err != nil {
		return err
	}
	by.Sources = append(by.Sources, sources...)
	by.Print, by.Say = e.printer(), connection.Say
	now := run.Circumstances{Environment: cmp.Or(f.environment, e.environmentName()), Branch: f.branch, Command: f.command, Time: e.now()}
	by.Circumstances = func(ctx context.Context) (engine.Circumstances, error) { return now.Of(ctx, files.Folder()) }
	return nil
}

// findSaved adds the policies that there are now to those of a saved plan.
func (f *policyFlags) findSaved(ctx context.Context, e *env, by *run.Policies, entry string) error {
	if len(f.overrides.Value())+len(f.reasons.Value()) > 0 {
		return lang.Hint(usagef("--override does not go with a saved plan, which has its own"), "make a new plan with it: slapstar plan --out PLAN --override NAME --reason TEXT")
	}
	named := f.files.Value()
	for _, s := range by.Sources { // as they are named in the plan, where they are there
		if s.Name != run.PolicyName && !run.OfProject(s.Name) && filepath.Ext(s.Name) == ".star" && run.Exists(s.Name) && !slices.Contains(named, s.Name) {
			named = append(named, s.Name)
		}
	}
	return f.find(ctx, e, by, lang.Source{File: entry}, named)
}
