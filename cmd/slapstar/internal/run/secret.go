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

// Secrets returns what reads secrets by name, from env:VARIABLE and file:PATH. All that
// can be read becomes known to hidden at once: the Master may have a secret that the files
// do not ask for. What cannot be read is an error when it is asked for.
func Secrets(sources map[string]string, hidden *mask.Filter) func(context.Context, string) (string, error) {
	read := map[string]string{} // a pipe gives its text once
	failed := map[string]error{}
	for name := range sources {
		value, err := readSecret(sources, name)
		if err != nil {
			failed[name] = err
			continue
		}
		hidden.Add(value)
		read[name] = value
	}
	return func(_ context.Context, name string) (string, error) {
		if value, ok := read[name]; ok {
			return value, nil
		}
		if err := failed[name]; err != nil {
			return "", err
		}
		return readSecret(sources, name) // it is not given
	}
}

// ErrNotGiven says that no flag names a secret.
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
func readSecret(sources map[string]string, name string) (string, error) {
	source, ok := sources[name]
	if !ok {
		return "", fmt.Errorf("%w; --secret %s=env:VARIABLE or --secret %s=file:PATH gives it", ErrNotGiven, name, name)
	}
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
