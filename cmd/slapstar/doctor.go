package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/view"
)

func doctorCommand(e *env) *cli.Command {
	var format string
	var names bool
	return &cli.Command{
		Name:  "doctor",
		Usage: "ask a Master all that slapstar relies on, change nothing, and write a report that can be sent",
		Flags: []cli.Flag{
			formatFlag(&format, "text, or json (docs/doctor.schema.json)", "text", "json"),
			&cli.BoolFlag{Name: "names", Usage: "also names of instances, and what the Master says in errors, which may have values in it", Destination: &names},
		},
		Action: func(c *cli.Context) error {
			if err := noArguments(c, ""); err != nil {
				return err
			}
			return e.watched(c.Context, func(ctx context.Context) error { return runDoctor(ctx, e, format, names) })
		},
	}
}

func runDoctor(ctx context.Context, e *env, format string, names bool) error {
	connection := e.connection()
	connection.Say = nil // the report says it
	report, err := run.Doctor{Connection: connection, Names: names, Version: version(), Watch: e.watch}.Report(ctx)
	if err != nil {
		return err
	}
	if err := e.show(format, view.Diagnosis{Report: report, Color: e.Color}); err != nil {
		return err
	}
	if !report.Sound() {
		return errFailed
	}
	return nil
}
