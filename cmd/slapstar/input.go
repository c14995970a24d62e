package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/urfave/cli/v2"

	"slapstar/internal/datafile"
	"slapstar/internal/tree"
	"slapstar/starlib"
	"slapstar/starlib/lang"
	"slapstar/starlib/project"
)

const maxVarFile = 32 << 20 // bytes

// varPrefix starts the environment variables that give inputs.
const varPrefix = "SLAPSTAR_VAR_"

// inputFlags are the flags of all commands that evaluate files.
type inputFlags struct {
	root      string
	schemas   string
	vars      cli.StringSlice
	varFiles  cli.StringSlice
	secrets   cli.StringSlice
	secretDir string
	ask       bool // somebody at the terminal, for secrets that are missing
}

func (f *inputFlags) flags() []cli.Flag {
	return []cli.Flag{
		rootFlag(&f.root),
		schemaDirFlag(&f.schemas),
		&cli.StringSliceFlag{Name: "var", Usage: "an input, `NAME=VALUE`, for var(NAME); also $" + varPrefix + "NAME", Destination: &f.vars},
		&cli.StringSliceFlag{Name: "var-file", Usage: "a `FILE` with inputs, in JSON, YAML or TOML; also a pipe", Destination: &f.varFiles},
		&cli.StringSliceFlag{Name: "secret", Usage: "a secret input, `NAME=env:VARIABLE` or NAME=file:PATH, for secret(NAME); also $SLAPSTAR_SECRET_NAME", Destination: &f.secrets},
		&cli.StringFlag{Name: "secret-dir", Usage: "a `FOLDER` with secrets: a file for each, of its name and of mode 0600", Destination: &f.secretDir},
	}
}

func rootFlag(root *string) cli.Flag {
	return &cli.StringFlag{Name: "root", Usage: "the `FOLDER` that load does not leave, and that // means; else that of FILE", Destination: root}
}

func schemaDirFlag(folder *string) cli.Flag {
	return &cli.StringFlag{Name: "schema-dir", Usage: "where schemas of releases are, as `FOLDER`/HOST/PATH, instead of the network", Destination: folder}
}

// inputs are what the flags and the environment give to an evaluation.
func (f *inputFlags) inputs(e *env, file string) (starlib.Inputs, error) {
	in := starlib.Inputs{Source: lang.Source{File: file, Root: f.root}, Vars: map[string]lang.Var{}, Mask: e.hidden}
	if e.project != nil && f.root == "" {
		in.Root = e.project.Root
	} else if e.environment != nil {
		return in, usagef("--root does not go with an environment, whose root is the folder of %s", project.File)
	}
	for _, entry := range os.Environ() {
		name, value, _ := strings.Cut(entry, "=")
		if name, ok := strings.CutPrefix(name, varPrefix); ok && name != "" {
			in.Vars[name] = lang.Var{Text: value}
		}
	}
	if e.environment != nil {
		for name, value := range e.environment.Vars {
			in.Vars[name] = lang.Var{JSON: value}
		}
	}
	for _, path := range f.varFiles.Value() {
		given, err := e.files.varFile(path)
		if err != nil {
			return in, err
		}
		for name, value := range given {
			in.Vars[name] = lang.Var{JSON: value}
		}
	}
	for _, text := range f.vars.Value() {
		name, value, ok := strings.Cut(text, "=")
		if !ok || name == "" {
			return in, usagef("--var: got %q, want NAME=VALUE", text)
		}
		in.Vars[name] = lang.Var{Text: value, Explicit: true}
	}
	sources, err := f.secretSources(e)
	if err == nil && !sources.None() {
		in.Secret = sources.Open(e.hidden)
	}
	return in, err
}

// given are files that the command line names, which may be pipes: each is read once,
// however many environments it is for.
type given struct {
	mu   sync.Mutex
	read map[string]func() ([]byte, error)
}

// file reads a file that is at most so long, in bytes.
func (g *given) file(path string, most int64) ([]byte, error) {
	g.mu.Lock()
	if g.read == nil {
		g.read = map[string]func() ([]byte, error){}
	}
	read := g.read[path]
	if read == nil {
		read = sync.OnceValues(func() ([]byte, error) { return tree.ReadNamed(path, most) })
		g.read[path] = read
	}
	g.mu.Unlock()
	return read()
}

// varFile reads an object of the kind that the name says.
func (g *given) varFile(path string) (map[string]json.RawMessage, error) {
	data, err := g.file(path, maxVarFile)
	if err != nil {
		return nil, fmt.Errorf("--var-file: %w", err)
	}
	v, err := parseVarFile(path, data)
	if err != nil {
		return nil, fmt.Errorf("--var-file %w", err)
	}
	o, ok := v.(*datafile.Object)
	if !ok && v != nil {
		return nil, fmt.Errorf("--var-file %s: want a JSON object, or a mapping in YAML or TOML", path)
	}
	given := map[string]json.RawMessage{}
	if o == nil { // it is empty
		return given, nil
	}
	for _, name := range o.Keys {
		if given[name], err = json.Marshal(o.Values[name]); err != nil {
			return nil, fmt.Errorf("--var-file %s: %s: %w", path, name, err)
		}
	}
	return given, nil
}

// parseVarFile tells the kind of a file by its text where its name does not, as that of a
// pipe: what begins with a bracket is JSON, and else it is YAML or TOML.
func parseVarFile(path string, data []byte) (any, error) {
	kind := datafile.Kind(path)
	switch text := strings.TrimSpace(string(tree.Text(data))); {
	case kind != "" && kind != ".csv":
	case strings.HasPrefix(text, "{"):
		kind = ".json"
	default:
		v, err := datafile.ParseAs(".yaml", path, data)
		if _, ok := v.(*datafile.Object); ok || v == nil && err == nil {
			return v, nil
		}
		if v, errTOML := datafile.ParseAs(".toml", path, data); errTOML == nil {
			return v, nil
		}
		if err != nil {
			err = fmt.Errorf("%s: want a JSON object, or a mapping in YAML or TOML: %w", path, err)
		}
		return v, err
	}
	return datafile.ParseAs(kind, path, data)
}
