package main

import (
	"fmt"
	"io"
	"strings"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/view"
	"slapstar/starlib/lang"
)

// writeEnvironment writes a line NAME='value' for each output that is known, as a shell reads
// it: text as it is, all else as JSON. It refuses a secret that is not to be shown, since a
// script would take what stands for it for the value, and writes nothing then.
func (o outputOptions) writeEnvironment(w io.Writer, made view.Outputs) error {
	var b strings.Builder
	from := map[string]string{}
	for _, name := range made.Names() {
		output := made.Outputs[name]
		if output.Secret && output.Value == nil && output.Known && len(output.Secrets) == 0 {
			return lang.Hint(fmt.Errorf("%w: output %q is secret, and --format env is for values", run.ErrRefused, name), "--reveal writes it, and --name another one alone")
		}
		variable := variableName(name)
		switch other, taken := from[variable]; {
		case taken:
			return lang.Hint(fmt.Errorf("outputs %q and %q are both %s", other, name, variable), "--name writes one of them")
		case ofTheShell(variable):
			return lang.Hint(fmt.Errorf("output %q would be %s, which a shell needs itself", name, variable), "give it another name")
		}
		from[variable] = name
		if output.Value == nil {
			continue
		}
		value := output.Plain()
		if strings.ContainsRune(value, 0) {
			return fmt.Errorf("output %q holds a NUL, which no variable can", name)
		}
		fmt.Fprintf(&b, "%s=%s\n", variable, singleQuoted(value))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// variableName is the name of the variable that an output becomes.
func variableName(output string) string {
	return strings.ReplaceAll(strings.ToUpper(output), "-", "_")
}

// singleQuoted is a word in single quotes, as any shell takes it.
func singleQuoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// ofTheShell reports whether a variable makes a shell run something else, or behave in
// another way.
func ofTheShell(variable string) bool {
	switch variable {
	case "PATH", "IFS", "ENV", "HOME", "SHELL", "SHELLOPTS", "BASHOPTS", "PS1", "PS4", "CDPATH", "_":
		return true
	}
	return strings.HasPrefix(variable, "LD_") || strings.HasPrefix(variable, "DYLD_") || strings.HasPrefix(variable, "BASH_") || strings.HasPrefix(variable, "PROMPT_")
}
