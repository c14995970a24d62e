package main

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// reorder moves flags to where cli v2 finds them, since it takes a flag behind
// the first argument for an argument: flags of the command before FILE, global
// flags before the command, wherever they stood. "--" ends the flags.
func reorder(app *cli.App, args []string) ([]string, error) {
	var command *cli.Command
	var global, local, rest []string
	queue := args[1:]
	for len(queue) > 0 {
		arg := queue[0]
		queue = queue[1:]
		if arg == "--" {
			rest = append(rest, queue...)
			break
		}
		if len(arg) < 2 || arg[0] != '-' {
			if command == nil && len(rest) == 0 {
				if command = app.Command(arg); command != nil {
					continue
				}
			}
			rest = append(rest, arg)
			continue
		}
		if vs := arg[1:]; strings.Trim(vs, "v") == "" { // -vv is -v -v
			for range vs {
				global = append(global, "-v")
			}
			continue
		}
		name, _, hasValue := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		switch {
		case name == "help" || name == "h": // of the command, whatever else was typed
			line := []string{args[0], "--help"}
			if command != nil {
				line = []string{args[0], command.Name, "--help"}
			}
			return line, nil
		case name == "version" && command == nil:
			return []string{args[0], "version"}, nil
		}
		target := &local
		flag := findFlag(app.Flags, name)
		if flag != nil || command == nil {
			target = &global
		} else {
			flag = findFlag(command.Flags, name)
		}
		*target = append(*target, arg)
		if hasValue || !takesValue(flag) {
			continue
		}
		if len(queue) == 0 {
			return nil, usagef("flag %s needs a value", arg)
		}
		*target = append(*target, queue[0])
		queue = queue[1:]
	}
	line := append([]string{args[0]}, global...)
	if command != nil {
		line = append(append(line, command.Name), local...)
	}
	if len(rest) > 0 && command != nil {
		line = append(line, "--")
	}
	return append(line, rest...), nil
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
