package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"slapstar/starlib"
)

// Limits on inputs.
const (
	maxVarFile    = 8 << 20 // bytes
	maxSecretFile = 1 << 20 // bytes
)

// evaluationTimeout is how long one evaluation of the files may take. The steps
// are limited, too; this is for what one step takes long for.
const evaluationTimeout = 30 * time.Second

// varPrefix starts the environment variables that give inputs.
const varPrefix = "SLAPSTAR_VAR_"

// inputFlags are the flags of all commands that evaluate files.
type inputFlags struct {
	root     string
	vars     cli.StringSlice
	varFiles cli.StringSlice
	secrets  cli.StringSlice
}

func (f *inputFlags) flags() []cli.Flag {
	return []cli.Flag{
		rootFlag(&f.root),
		&cli.StringSliceFlag{Name: "var", Usage: "an input, `NAME=VALUE`, for var(NAME); also $" + varPrefix + "NAME", Destination: &f.vars},
		&cli.StringSliceFlag{Name: "var-file", Usage: "a `FILE` with inputs, a JSON object", Destination: &f.varFiles},
		&cli.StringSliceFlag{Name: "secret", Usage: "a secret input, `NAME=env:VARIABLE` or NAME=file:PATH, for secret(NAME)", Destination: &f.secrets},
	}
}

func rootFlag(root *string) cli.Flag {
	return &cli.StringFlag{Name: "root", Usage: "the `FOLDER` that load does not leave, and that // means; else that of FILE", Destination: root}
}

// inputs are what the flags and the environment give to an evaluation.
func (f *inputFlags) inputs(file string) (starlib.Inputs, error) {
	in := starlib.Inputs{File: file, Root: f.root, Vars: map[string]starlib.Var{}}
	for _, entry := range os.Environ() {
		name, value, _ := strings.Cut(entry, "=")
		if name, ok := strings.CutPrefix(name, varPrefix); ok && name != "" {
			in.Vars[name] = starlib.Var{Text: value}
		}
	}
	for _, path := range f.varFiles.Value() {
		given, err := readVarFile(path)
		if err != nil {
			return in, err
		}
		for name, value := range given {
			in.Vars[name] = starlib.Var{JSON: value}
		}
	}
	for _, text := range f.vars.Value() {
		name, value, ok := strings.Cut(text, "=")
		if !ok || name == "" {
			return in, usagef("--var: got %q, want NAME=VALUE", text)
		}
		in.Vars[name] = starlib.Var{Text: value, Explicit: true}
	}
	sources, err := f.secretSources()
	if len(sources) > 0 {
		in.Secret = secretsFrom(sources)
	}
	return in, err
}

// secretSources are where secrets come from, by name.
func (f *inputFlags) secretSources() (map[string]string, error) {
	sources := map[string]string{}
	for _, text := range f.secrets.Value() {
		name, source, ok := strings.Cut(text, "=")
		kind, what, _ := strings.Cut(source, ":")
		if !ok || name == "" || what == "" || kind != "env" && kind != "file" {
			return nil, usagef("--secret: want NAME=env:VARIABLE or NAME=file:PATH") // the text may be the secret itself
		}
		sources[name] = source
	}
	return sources, nil
}

func secretsFrom(sources map[string]string) func(context.Context, string) (string, error) {
	return func(_ context.Context, name string) (string, error) { return readSecret(sources, name) }
}

// readVarFile reads a JSON object.
func readVarFile(path string) (map[string]json.RawMessage, error) {
	data, err := readLimited(path, maxVarFile)
	if err != nil {
		return nil, fmt.Errorf("--var-file: %w", err)
	}
	var given map[string]json.RawMessage
	if err := json.Unmarshal(data, &given); err != nil {
		return nil, fmt.Errorf("--var-file %s: want a JSON object: %w", path, err)
	}
	return given, nil
}

func readLimited(path string, most int64) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no regular file", path)
	case info.Size() > most:
		return nil, fmt.Errorf("%s is longer than %d MiB", path, most>>20)
	}
	return os.ReadFile(path)
}

// errNotGiven says that no flag names a secret.
var errNotGiven = errors.New("it is not given")

// readSecret fetches a secret from where a flag says it is. The new line at the
// end of a file is none of it.
func readSecret(sources map[string]string, name string) (string, error) {
	source, ok := sources[name]
	if !ok {
		return "", fmt.Errorf("%w; --secret %s=env:VARIABLE or --secret %s=file:PATH gives it", errNotGiven, name, name)
	}
	kind, what, _ := strings.Cut(source, ":")
	if kind == "env" {
		value, ok := os.LookupEnv(what)
		if !ok {
			return "", fmt.Errorf("the environment has no variable %s", what)
		}
		return value, nil
	}
	data, err := readLimited(what, maxSecretFile)
	if err != nil {
		return "", err
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r"), nil
}

// errEvaluation is the cause of the end of an evaluation that takes too long.
var errEvaluation = errors.New("the evaluation of the files took longer than " + evaluationTimeout.String())
