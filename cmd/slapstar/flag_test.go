package main

import (
	"context"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/term"
)

// Every flag of every command refuses an empty value: apply --master-url "$UNSET" once
// went to the Master of the configuration, and --target "$UNSET" took everything.
func TestEmptyFlagValue(t *testing.T) {
	app := newApp(&env{Streams: term.Streams{In: strings.NewReader(""), Out: &strings.Builder{}, Err: &strings.Builder{}}})
	refused := func(flag string, args ...string) {
		t.Helper()
		var c screen
		code := c.run(context.Background(), "", args...)
		if code != exitUsage || !strings.Contains(c.err.String(), "flag "+flag+" has an empty value") || c.out.String() != "" {
			t.Errorf("%q: exit code %d, want %d\n%s%s", args, code, exitUsage, c.out.String(), c.err.String())
		}
	}
	seen := 0
	walk := func(command []string, flags []cli.Flag) {
		for _, f := range flags {
			for _, name := range f.Names() {
				flag := "--" + name
				if len(name) == 1 {
					flag = "-" + name
				}
				seen++
				refused(flag, append(command, flag+"=")...)
				if takesValue(f) {
					refused(flag, append(command, flag, "")...)
					refused(flag, append(command, "main.star", flag, "")...)
				}
			}
		}
	}
	walk(nil, app.Flags)
	for _, c := range app.Commands {
		if len(c.Subcommands) > 0 {
			t.Errorf("%s has commands of its own, whose flags are not tried", c.Name)
		}
		walk([]string{c.Name}, c.Flags)
		walk([]string{c.Name}, app.Flags)
	}
	if seen < 100 {
		t.Errorf("%d flags were tried", seen)
	}
}
