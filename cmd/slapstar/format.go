package main

import (
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/view"
)

// formatFlag is --format, which takes one of words. It defaults to the first one.
func formatFlag(to *string, usage string, words ...string) cli.Flag {
	return &cli.StringFlag{Name: "format", Usage: usage, Value: words[0], Destination: to,
		Action: func(_ *cli.Context, got string) error {
			if slices.Contains(words, got) {
				return nil
			}
			last := len(words) - 1
			return usagef("--format: got %q, want %s or %s", got, strings.Join(words[:last], ", "), words[last])
		}}
}

// A result is what a command shows.
type result interface {
	// WriteText writes it for people, and what is to be said besides to notes.
	WriteText(out, notes io.Writer) error
}

// show writes a result as text, or as json.
func (e *env) show(format string, r result) error {
	if format == "json" {
		return view.JSON(e.Out, r)
	}
	return r.WriteText(e.Out, e.Err)
}
