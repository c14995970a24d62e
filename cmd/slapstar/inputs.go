package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/view"
	"slapstar/starlib"
)

func inputsFlag(to *bool) cli.Flag {
	return &cli.BoolFlag{Name: "inputs", Usage: "list what the files ask for with var and secret, and do nothing else; --format json is docs/inputs.schema.json", Destination: to}
}

// listInputs shows the inputs of an entry file, without a Master. That one has no value is
// no error: the list says so.
func (o validateOptions) listInputs(ctx context.Context, e *env) error {
	o.noSchemas = true
	in, _, err := o.withoutMaster(e)
	if err != nil {
		return err
	}
	config, err := starlib.Exec(ctx, in)
	if config == nil || ctx.Err() != nil {
		return err
	}
	if starlib.OnlyInputs(err) {
		err = nil
	}
	if shown := e.show(o.format, view.NewInputList(config, config.More != nil)); shown != nil {
		return shown
	}
	return err
}
