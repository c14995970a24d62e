package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/term"
)

// secretSources are where secrets come from.
func (f *inputFlags) secretSources(e *env) (run.SecretSources, error) {
	s := run.SecretSources{Named: map[string]string{}, Folder: f.secretDir, Read: e.files.file}
	for _, text := range f.secrets.Value() {
		name, source, ok := strings.Cut(text, "=")
		kind, what, _ := strings.Cut(source, ":")
		if !ok || name == "" || what == "" || kind != "env" && kind != "file" {
			return s, usagef("--secret: want NAME=env:VARIABLE or NAME=file:PATH") // the text may be the secret itself
		}
		s.Named[name] = source
	}
	if info, err := os.Stat(f.secretDir); f.secretDir != "" && (err != nil || !info.IsDir()) {
		return s, usagef("--secret-dir: there is no folder %s", f.secretDir)
	}
	if e.environment != nil {
		s.Pattern = e.environment.SecretPattern()
	}
	if in, isFile := e.In.(*os.File); f.ask && e.Interactive && isFile {
		s.Ask = func(ctx context.Context, name string) (string, error) { return e.askSecret(ctx, in, name) }
	}
	return s, nil
}

// askSecret asks for a secret, which is not shown.
func (e *env) askSecret(ctx context.Context, in *os.File, name string) (string, error) {
	e.asking.Lock()
	defer e.asking.Unlock()
	defer e.watch.Wait()()
	of := ""
	if e.environment != nil {
		of = " of " + e.environment.Name
	}
	fmt.Fprintf(e.terminal, "Secret %s%s (it is not shown): ", term.Name(name), of)
	value, err := term.ReadHidden(ctx, in)
	fmt.Fprintln(e.terminal)
	return value, err
}
