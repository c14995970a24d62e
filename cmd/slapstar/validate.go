package main

import (
	"context"
	"errors"
	"fmt"
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
	list      bool // the inputs, and do nothing else
	inputs    inputFlags
}

func validateCommand(e *env) *cli.Command {
	var o validateOptions
	return &cli.Command{
		Name:      "validate",
		Usage:     "evaluate the files with no Master, and check parameters against the schemas of the releases",
		ArgsUsage: "[FILE]",
		Flags: append([]cli.Flag{
			formatFlag(&o.format, "text, or json (docs/validate.schema.json)", "text", "json"),
			inputsFlag(&o.list),
			&cli.BoolFlag{Name: "no-schemas", Usage: "do not look for schemas", Destination: &o.noSchemas},
		}, o.inputs.flags()...),
		Action: onEntry(&o.file, func(ctx context.Context) error {
			return e.watched(ctx, func(ctx context.Context) error {
				if o.list {
					return o.listInputs(ctx, e)
				}
				return runValidate(ctx, e, o)
			})
		}),
	}
}

// symbolic starts what stands for the URL of a product: no Master is asked.
const symbolic = "product."

func runValidate(ctx context.Context, e *env, o validateOptions) error {
	in, schemas, err := o.withoutMaster(e)
	if err != nil {
		return err
	}
	in.Print = e.printer()
	config, err := starlib.Exec(ctx, in)
	files, wrong := errors.AsType[*lang.Error](err)
	var findings []view.Finding
	switch {
	case wrong && o.format == "text":
		return files
	case wrong:
		for _, p := range problems(files) {
			findings = append(findings, view.Finding{Severity: view.Error, File: p.File, Line: p.Line, Column: p.Column, Message: p.Message, Hint: p.Hint})
		}
	case err != nil:
		return err
	default:
		if findings, err = o.check(ctx, schemas, config); err != nil {
			return err
		}
	}
	v := view.NewValidation(config, findings)
	if err := e.show(o.format, v); err != nil || v.Valid {
		return err
	}
	return errFailed
}

// withoutMaster are inputs that need no Master: something stands for what one would
// tell. The schemas are those that the configuration allows.
func (o validateOptions) withoutMaster(e *env) (starlib.Inputs, *release.Schemas, error) {
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
	in.Product = func(_ context.Context, name string) (string, error) {
		if release, ok := c.Proxy.Products[name]; ok {
			return release, nil
		}
		return symbolic + name, nil
	}
	in.Serialisation = func(ctx context.Context, release, softwareType string, shared bool) (slap.Serialisation, error) {
		if o.noSchemas || strings.HasPrefix(release, symbolic) {
			return slap.JSONInXML, nil // nothing says that it is not
		}
		return run.Serialisation(ctx, schemas, release, softwareType, shared)
	}
	// Who validates need not have the secrets; what is given is used.
	in.Secret = run.GivenSecrets(in.Secret)
	in.Instance = func(name string) (slap.Instance, bool) { // an instance that may exist
		return slap.Instance{InstanceRequest: slap.InstanceRequest{Name: name, State: slap.Started}}, true
	}
	return in, schemas, nil
}

// check returns what is wrong with what the files declare, and what was not checked.
// A schema that cannot be had is a warning, once for each release.
func (o validateOptions) check(ctx context.Context, schemas *release.Schemas, c *engine.Config) ([]view.Finding, error) {
	var findings []view.Finding
	warned := map[string]bool{}
	for _, i := range c.Instances() {
		if o.noSchemas || strings.HasPrefix(i.SoftwareRelease, symbolic) || i.State == slap.Destroyed {
			continue
		}
		list, err := checkParameters(ctx, schemas, i)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil && !warned[i.SoftwareRelease] {
			warned[i.SoftwareRelease] = true
			hint := "--schema-dir FOLDER gives schemas; --no-schemas does without"
			if more := lang.HintOf(run.HintSchema(err)); more != "" {
				hint = more + "; --no-schemas does without"
			}
			list = []view.Finding{{Severity: view.Warning, Message: fmt.Sprintf("the parameters were not checked: %v", err), Hint: hint}}
		}
		for _, f := range list {
			f.Address = i.Address()
			findings = append(findings, f.At(i.Origin.Position()))
		}
	}
	if more := c.More; more != nil {
		on := fmt.Sprintf("%q of instance %q", more.Reference.Key, more.Reference.Instance)
		if more.Secret != "" {
			on = fmt.Sprintf("the secret %q", more.Secret)
		}
		f := view.Finding{Severity: view.Warning, Message: fmt.Sprintf("the rest depends on %s (%s), and was not checked", on, more.Use)}
		findings = append(findings, f.At(more.Origin.Position()))
	}
	return findings, nil
}

// unknownMark stands for a value that is not known yet in what is validated.
const unknownMark = "\x00slapstar:not-known-yet"

// checkParameters compares the parameters of an instance with the schema of its
// release. The error is that of a schema that cannot be had.
func checkParameters(ctx context.Context, schemas *release.Schemas, i *engine.Instance) ([]view.Finding, error) {
	v, err := schemas.Validate(ctx, release.ParameterCheck{
		Release: i.SoftwareRelease, SoftwareType: i.SoftwareType, Shared: i.Shared,
		Parameters: checkedValues(i.Parameters),
		Unknown:    func(text string) bool { return strings.Contains(text, unknownMark) },
	})
	if unknownType, ok := errors.AsType[*release.UnknownTypeError](err); ok {
		return []view.Finding{{Severity: view.Error, Message: unknownType.Error()}}, nil
	}
	if err != nil {
		return nil, err
	}
	if _, wrapped := i.Parameters["_"]; v.Type.Serialisation == slap.JSONInXML && !wrapped && len(i.Parameters) > 0 {
		return []view.Finding{{Severity: view.Error, Message: "the release takes its parameters as JSON, and these are sent each as its own text",
			Hint: `write: serialisation = "json-in-xml"`}}, nil
	}
	var findings []view.Finding
	for _, violation := range v.Violations {
		findings = append(findings, view.Finding{Severity: view.Error, Path: violation.Path, Message: violation.Message})
	}
	if v.More > 0 {
		findings = append(findings, view.Finding{Severity: view.Error, Message: fmt.Sprintf("and %d more", v.More)})
	}
	return findings, nil
}

// checkedValues are parameters with a mark in the place of what is not known or
// not to be shown.
func checkedValues(parameters map[string]engine.Text) map[string]any {
	values := make(map[string]any, len(parameters))
	for key, t := range parameters {
		values[key] = t.Marked(func(engine.Part) string { return unknownMark })
	}
	return values
}
