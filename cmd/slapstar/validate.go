package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/view"
	"slapstar/engine"
	"slapstar/slap"
	"slapstar/slap/release"
	"slapstar/starlib"
	"slapstar/starlib/lang"
)

type validateOptions struct {
	file      string
	format    string
	noSchemas bool
	strict    bool
	list      bool // the inputs, and do nothing else
	inputs    inputFlags

	environments targetFlags
	found        *[]view.Finding // gets what is found; nil: it is shown
}

func validateCommand(e *env) *cli.Command {
	var o validateOptions
	return &cli.Command{
		Name:      "validate",
		Usage:     "evaluate the files with no Master, and check parameters against the schemas of the releases",
		ArgsUsage: "[FILE|ENV ...]",
		Flags: append([]cli.Flag{
			formatFlag(&o.format, "text, json (docs/validate.schema.json), or for what a CI system shows on lines: github, codequality (GitLab), sarif", "text", "json", "github", "codequality", "sarif"),
			inputsFlag(&o.list),
			&cli.BoolFlag{Name: "no-schemas", Usage: "do not look for schemas", Destination: &o.noSchemas},
			&cli.BoolFlag{Name: "strict", Usage: "fail if something could not be checked", Destination: &o.strict},
		}, append(o.environments.flags(), o.inputs.flags()...)...),
		Action: func(c *cli.Context) error { return o.validateTargets(c, e) },
	}
}

// symbolic starts what stands for the URL of a product: no Master is asked.
const symbolic = "product."

func runValidate(ctx context.Context, e *env, o validateOptions) error {
	in, travel, err := o.withoutMaster(e)
	if err != nil {
		return err
	}
	config, err := travel.Exec(ctx, in, e.printer())
	files, wrong := errors.AsType[*lang.Error](err)
	var findings []view.Finding
	var parameters run.Parameters
	switch {
	case wrong && o.format == "text":
		return files
	case wrong:
		for _, p := range problems(files) {
			findings = append(findings, view.NewFinding(p))
		}
	case err != nil:
		return err
	default:
		if parameters, findings, err = o.check(ctx, travel.Schemas, in, config); err != nil {
			return err
		}
	}
	v := view.NewValidation(config, view.ParameterCount{Checked: parameters.Checked, Unchecked: parameters.Unchecked, Open: parameters.Open}, findings)
	if err := o.show(e, v); err != nil || v.Valid {
		return err
	}
	return errFailed
}

// show shows what was found. A report for a file does not leave the log of the job empty.
func (o validateOptions) show(e *env, v view.Validation) error {
	if o.found == nil {
		return e.show(o.format, v)
	}
	*o.found = append(*o.found, v.Findings...)
	if o.format != "github" {
		if err := v.WriteText(io.Discard, e.Err); err != nil {
			return err
		}
	}
	return nil
}

// withoutMaster are inputs that need no Master: something stands for what one would
// tell. The schemas are those that the configuration allows.
func (o validateOptions) withoutMaster(e *env) (starlib.Inputs, *run.Serialisations, error) {
	in, err := o.inputs.inputs(e, o.file)
	if err != nil {
		return in, nil, err
	}
	connection := e.connection()
	c, err := connection.Configuration(o.file)
	if err != nil {
		return in, nil, err
	}
	in.Source = e.watch.Source(in.Source)
	schemas := connection.Schemas(c, in.Source)
	schemas.Dir = o.inputs.schemas
	// A configuration may say what a product is; else it stays a symbol.
	in.Products = slices.Sorted(maps.Keys(c.Proxy.Products))
	locked, err := e.locked(context.Background(), o.file)
	if err != nil {
		return in, nil, err
	}
	in.Product = func(_ context.Context, name string) (string, error) {
		if p, ok := locked.Products[name]; ok {
			return p.URL, nil
		}
		if release, ok := c.Proxy.Products[name]; ok {
			return release, nil
		}
		return symbolic + name, nil
	}
	travel := &run.Serialisations{Schemas: schemas}
	in.Serialisation = func(ctx context.Context, t starlib.Travel) (slap.Serialisation, error) {
		switch {
		case !o.noSchemas && !strings.HasPrefix(t.Release, symbolic):
			return travel.Ask(ctx, t)
		case t.Nested: // nothing says that it is not
			return slap.JSONInXML, nil
		}
		return "", nil
	}
	// Who validates need not have the secrets; what is given is used.
	in.Secret = run.GivenSecrets(in.Secret)
	in.Instance = func(name string) (slap.Instance, bool) { // an instance that may exist
		return slap.Instance{InstanceRequest: slap.InstanceRequest{Name: name, State: slap.Started}}, true
	}
	return in, travel, nil
}

var ruleOf = map[run.FindingKind]view.Rule{run.Wrong: view.WrongParameter, run.Unchecked: view.NotChecked, run.Stranger: view.UnknownParameter}

// check returns what is wrong with what the files declare, and what was not checked.
func (o validateOptions) check(ctx context.Context, schemas *release.Schemas, in starlib.Inputs, c *engine.Config) (run.Parameters, []view.Finding, error) {
	var p run.Parameters
	var findings []view.Finding
	add := func(rule view.Rule, i *engine.Instance, path, message, hint string) {
		f := view.Finding{Severity: view.Warning, Rule: rule, Address: i.Address(), Path: path, Message: message, Hint: hint}
		if rule == view.WrongParameter || rule == view.NotChecked && o.strict {
			f.Severity = view.Error
		}
		findings = append(findings, f.At(i.Origin))
	}
	var known, unlisted []*engine.Instance
	for _, i := range c.Instances() {
		switch {
		case i.State == slap.Destroyed:
		case strings.HasPrefix(i.SoftwareRelease, symbolic):
			unlisted = append(unlisted, i)
		default:
			known = append(known, i)
		}
	}
	if o.noSchemas {
		p.Unchecked = len(known) + len(unlisted)
	} else {
		var err error
		if p, err = run.CheckParameters(ctx, schemas, known, c.More); err != nil {
			return p, nil, err
		}
		p.Unchecked += len(unlisted)
	}
	for _, f := range p.Findings {
		add(ruleOf[f.Kind], f.Instance, f.Path, f.Message, f.Hint)
	}
	if len(known) > 0 {
		for _, text := range p.Stale {
			add(view.StaleSchema, known[0], "", text, "")
		}
	}
	said := map[string]bool{}
	for _, i := range unlisted {
		if name := strings.TrimPrefix(i.SoftwareRelease, symbolic); !said[name] && !o.noSchemas {
			said[name] = true
			hint := lang.DidYouMean(name, in.Products)
			if hint == "" {
				hint = "software_product_list in [slapproxy] of the configuration says what a product is; a Master may know more"
			}
			add(view.NotChecked, i, "", fmt.Sprintf("no configuration lists the product %q: the parameters were not checked", name), hint)
		}
	}
	for _, more := range c.More.All() {
		on := fmt.Sprintf("%q of instance %q", more.Reference.Name(), more.Reference.Instance)
		if more.Secret != "" {
			on = fmt.Sprintf("the secret %q", more.Secret)
		}
		f := view.Finding{Severity: view.Warning, Rule: view.NotChecked, Message: fmt.Sprintf("the rest depends on %s (%s), and was not checked", on, more.Use)}
		if o.strict {
			f.Severity = view.Error
		}
		findings = append(findings, f.At(more.Origin))
	}
	return p, findings, nil
}
