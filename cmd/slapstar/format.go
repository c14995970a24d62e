package main

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
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
