package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/term"
	"slapstar/engine"
	"slapstar/slap"
	"slapstar/slap/release"
	"slapstar/starlib"
	"slapstar/starlib/lang"
)

type validateOptions struct {
	file      string
	format    string
	schemaDir string
	noSchemas bool
	inputs    inputFlags
}

func validateCommand(e *env) *cli.Command {
	var o validateOptions
	return &cli.Command{
		Name:      "validate",
		Usage:     "evaluate the files with no Master, and check parameters against the schemas of the releases",
		ArgsUsage: "[FILE]",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "format", Usage: "text or json", Value: "text", Destination: &o.format},
			&cli.StringFlag{Name: "schema-dir", Usage: "where schemas are, as `FOLDER`/HOST/PATH, instead of the network", Destination: &o.schemaDir},
			&cli.BoolFlag{Name: "no-schemas", Usage: "do not look for schemas", Destination: &o.noSchemas},
		}, o.inputs.flags()...),
		Action: func(c *cli.Context) (err error) {
			if o.file, err = entryFile(c); err != nil {
				return err
			}
			return runValidate(c.Context, e, o)
		},
	}
}

// A finding is something wrong with a file, or something that could not be
// checked.
type finding struct {
	Severity string         `json:"severity"` // "error" or "warning"
	File     string         `json:"file"`
	Line     int            `json:"line"`
	Column   int            `json:"column"`
	Address  engine.Address `json:"address,omitempty"`
	Path     string         `json:"path,omitempty"` // of the parameter
	Message  string         `json:"message"`
	Hint     string         `json:"hint,omitempty"`
	position engine.Position
}

// symbolic starts what stands for the URL of a product: no Master is asked.
const symbolic = "product."

func runValidate(ctx context.Context, e *env, o validateOptions) error {
	if o.format != "text" && o.format != "json" {
		return usagef("--format: got %q, want text or json", o.format)
	}
	in, err := o.inputs.inputs(o.file)
	if err != nil {
		return err
	}
	c, err := e.connection().Configuration(o.file)
	if err != nil {
		return err
	}
	schemas := &release.Schemas{Dir: o.schemaDir}
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
	given := in.Secret
	in.Secret = func(ctx context.Context, name string) (string, error) {
		if given == nil {
			return name, nil
		}
		value, err := given(ctx, name)
		if errors.Is(err, run.ErrNotGiven) {
			return name, nil
		}
		return value, err
	}
	in.Instance = func(name string) (slap.Instance, bool) { // an instance that may exist
		return slap.Instance{InstanceRequest: slap.InstanceRequest{Name: name, State: slap.Started}}, true
	}
	config, err := starlib.Exec(ctx, in)
	var findings []finding
	var ours *lang.Error
	switch {
	case errors.As(err, &ours):
		for _, p := range ours.Problems {
			findings = append(findings, newFinding("error", p.Position, p.Message, p.Hint))
		}
	case err != nil:
		return err
	case !o.noSchemas:
		if findings, err = checkParameters(ctx, schemas, config); err != nil {
			return err
		}
	}
	if more := config.More; more != nil && err == nil {
		findings = append(findings, newFinding("warning", more.Origin.Position(),
			fmt.Sprintf("the rest depends on %q of instance %q (%s), and was not checked", more.Reference.Key, more.Reference.Instance, more.Use), ""))
	}
	return showFindings(e, o.format, config, findings, ours)
}

func newFinding(severity string, at engine.Position, message, hint string) finding {
	return finding{Severity: severity, File: at.File, Line: at.Line, Column: at.Col, Message: message, Hint: hint, position: at}
}

// unknownMark stands for a value that is not known yet in what is validated.
const unknownMark = "\x00slapstar:not-known-yet"

// checkParameters compares the parameters of each instance with the schema of its
// release. A schema that cannot be had is a warning, once for each release.
func checkParameters(ctx context.Context, schemas *release.Schemas, c *engine.Config) ([]finding, error) {
	var findings []finding
	warned := map[string]bool{}
	for _, i := range c.Instances() {
		if strings.HasPrefix(i.SoftwareRelease, symbolic) || i.State == slap.Destroyed {
			continue
		}
		at := i.Origin.Position()
		add := func(severity, path, message, hint string) {
			f := newFinding(severity, at, message, hint)
			f.Address, f.Path = i.Address(), path
			findings = append(findings, f)
		}
		v, err := schemas.Validate(ctx, release.ParameterCheck{
			Release: i.SoftwareRelease, SoftwareType: i.SoftwareType, Shared: i.Shared,
			Parameters: checkedValues(i.Parameters),
			Unknown:    func(text string) bool { return strings.Contains(text, unknownMark) },
		})
		var unknownType *release.UnknownTypeError
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.As(err, &unknownType):
			add("error", "", err.Error(), "")
			continue
		case err != nil:
			if !warned[i.SoftwareRelease] {
				warned[i.SoftwareRelease] = true
				add("warning", "", fmt.Sprintf("the parameters were not checked: %v", err), "--schema-dir FOLDER gives schemas; --no-schemas does without")
			}
			continue
		}
		if _, wrapped := i.Parameters["_"]; v.Type.Serialisation == slap.JSONInXML && !wrapped && len(i.Parameters) > 0 {
			add("error", "", "the release takes its parameters as JSON, and these are sent each as its own text", `write: serialisation = "json-in-xml"`)
			continue
		}
		for _, violation := range v.Violations {
			add("error", violation.Path, violation.Message, "")
		}
		if v.More > 0 {
			add("error", "", fmt.Sprintf("and %d more", v.More), "")
		}
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

func showFindings(e *env, format string, c *engine.Config, findings []finding, files *lang.Error) error {
	wrong := 0
	for _, f := range findings {
		if f.Severity == "error" {
			wrong++
		}
	}
	if format == "json" {
		if findings == nil {
			findings = []finding{}
		}
		encoder := json.NewEncoder(e.Out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		err := encoder.Encode(map[string]any{"format_version": 1, "valid": wrong == 0, "findings": findings})
		if err == nil && wrong > 0 {
			err = errFailed
		}
		return err
	}
	if files != nil {
		return files
	}
	for _, f := range findings {
		text := f.Message
		if f.Path != "" {
			text = f.Path + ": " + text
		}
		if f.Address != "" {
			text = string(f.Address) + ": " + text
		}
		if f.Severity == "warning" {
			text = "warning: " + text
		}
		say(e.Err, fmt.Sprintf("%v: %s", f.position, text))
		sayHint(e.Err, f.Hint)
	}
	if wrong > 0 {
		return errFailed
	}
	_, err := fmt.Fprintf(e.Out, "Valid: %s, %s.\n", term.Counted(len(c.Instances()), "instance"), term.Counted(len(c.Software()), "software installation"))
	return err
}
