package main

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"slapstar/starlib/lang"
)

// A commandLine is what was typed, by where cli v2 finds it.
type commandLine struct {
	app     *cli.App
	command *cli.Command // nil: none was named yet
	global  []string     // flags, with their values
	local   []string     // flags of the command, with their values
	rest    []string     // arguments
}

// reorder moves flags to where cli v2 finds them, since it takes a flag after
// the first argument for an argument: flags of the command before FILE, global
// flags before the command, wherever they stood. "--" ends the flags. A flag without
// a value, which a shell makes of a variable that is not set, is refused.
func reorder(app *cli.App, args []string) ([]string, error) {
	l := &commandLine{app: app}
	for queue := args[1:]; len(queue) > 0; {
		arg := queue[0]
		queue = queue[1:]
		if arg == "--" {
			l.rest = append(l.rest, queue...)
			break
		}
		if len(arg) < 2 || arg[0] != '-' {
			l.word(arg)
			continue
		}
		name, value, hasValue := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		switch {
		case strings.Trim(arg[1:], "v") == "": // -vv is -v -v
			l.global = append(l.global, slices.Repeat([]string{"-v"}, len(arg)-1)...)
			continue
		case name == "help" || name == "h": // of the command, whatever else was typed
			if l.command != nil {
				return []string{args[0], l.command.Name, "--help"}, nil
			}
			return []string{args[0], "--help"}, nil
		case name == "version" && l.command == nil:
			return []string{args[0], "version"}, nil
		}
		flags, wantsValue := l.place(name)
		*flags = append(*flags, arg)
		if !hasValue && wantsValue {
			if len(queue) == 0 {
				return nil, usagef("flag %s needs a value", arg)
			}
			value, hasValue = queue[0], true
			*flags = append(*flags, value)
			queue = queue[1:]
		}
		if hasValue && value == "" {
			return nil, lang.Hint(usagef("flag %s has an empty value", strings.TrimSuffix(arg, "=")),
				"is a variable of the shell not set? Leave the flag out if you do not want it")
		}
	}
	return l.args(args[0]), nil
}

// word adds what is no flag: the first one names the command, if there is such a
// command.
func (l *commandLine) word(arg string) {
	if l.command == nil && len(l.rest) == 0 {
		if l.command = l.app.Command(arg); l.command != nil {
			return
		}
	}
	l.rest = append(l.rest, arg)
}

// place is where a flag goes, and whether a value comes after it.
func (l *commandLine) place(name string) (flags *[]string, wantsValue bool) {
	if f := findFlag(l.app.Flags, name); f != nil || l.command == nil {
		return &l.global, takesValue(f)
	}
	return &l.local, takesValue(findFlag(l.command.Flags, name))
}

// args is the line in the order of cli v2.
func (l *commandLine) args(program string) []string {
	line := append([]string{program}, l.global...)
	if l.command != nil {
		line = append(append(line, l.command.Name), l.local...)
		if len(l.rest) > 0 {
			line = append(line, "--")
		}
	}
	return append(line, l.rest...)
}

func findFlag(flags []cli.Flag, name string) cli.Flag {
	for _, f := range flags {
		if slices.Contains(f.Names(), name) {
			return f
		}
	}
	return nil
}

// takesValue is false for a flag that does not exist: cli says so.
func takesValue(f cli.Flag) bool {
	documented, ok := f.(cli.DocGenerationFlag)
	return ok && documented.TakesValue()
}
