package run

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"slapstar/internal/mask"
	"slapstar/internal/tree"
	"slapstar/starlib"
)

const maxSecretFile = 1 << 20 // bytes

// SecretSources are where secrets come from, in the order in which they are tried. Each
// may be missing.
type SecretSources struct {
	Named   map[string]string // env:VARIABLE or file:PATH, by name
	Folder  string            // a file for each
	Pattern string            // of the environment: env:PREFIX* or file:FOLDER/*

	// Read reads a file that a flag names, which may be a pipe; nil: each time anew.
	Read func(path string, most int64) ([]byte, error)

	// Ask asks somebody for a secret that comes from nowhere else. An empty answer is none.
	Ask func(ctx context.Context, name string) (string, error)
}

// secretPrefix starts the environment variables that give secrets.
const secretPrefix = "SLAPSTAR_SECRET_"

// None reports whether no secret can come from anywhere.
func (s SecretSources) None() bool {
	return len(s.Named) == 0 && s.Folder == "" && s.Pattern == "" && s.Ask == nil && len(variables(secretPrefix)) == 0
}

// Open returns what reads secrets by name. All that can be read becomes known to hidden at
// once: the Master may have a secret that the files do not ask for. What cannot be read is
// an error when it is asked for. It may be used concurrently.
func (s SecretSources) Open(hidden *mask.Filter) func(context.Context, string) (string, error) {
	r := &secretReader{sources: s, hidden: hidden, read: map[string]string{}, failed: map[string]error{}, names: map[string]string{}}
	for name, source := range s.Named { // a pipe gives its text once
		r.keep(name, func() (string, error) { return s.read(source) })
	}
	r.hideAll()
	return r.secret
}

func (s SecretSources) read(source string) (string, error) {
	path, isFile := strings.CutPrefix(source, "file:")
	if !isFile || s.Read == nil {
		return readSecret(source)
	}
	data, err := s.Read(path, maxSecretFile)
	return secretText(data), err
}

// ErrNotGiven says that a secret comes from nowhere.
var ErrNotGiven = errors.New("it is not given")

// NoSecrets withholds every secret.
func NoSecrets(context.Context, string) (string, error) { return "", starlib.ErrWithheld }

// GivenSecrets returns what reads the secrets that are given, and withholds the others;
// read may be nil.
func GivenSecrets(read func(context.Context, string) (string, error)) func(context.Context, string) (string, error) {
	if read == nil {
		return NoSecrets
	}
	return func(ctx context.Context, name string) (string, error) {
		value, err := read(ctx, name)
		if errors.Is(err, ErrNotGiven) {
			err = starlib.ErrWithheld
		}
		return value, err
	}
}

// readSecret fetches a secret from where a flag says it is. The new line at the
// end of a file is none of it.
func readSecret(source string) (string, error) {
	kind, what, _ := strings.Cut(source, ":")
	if kind == "env" {
		value, ok := os.LookupEnv(what)
		if !ok {
			return "", fmt.Errorf("the environment has no variable %s", what)
		}
		return value, nil
	}
	data, err := tree.ReadNamed(what, maxSecretFile)
	if err != nil {
		return "", err
	}
	return secretText(data), nil
}

// secretText is the secret that a file holds.
func secretText(data []byte) string {
	return strings.TrimSuffix(strings.TrimSuffix(string(tree.Text(data)), "\n"), "\r")
}
