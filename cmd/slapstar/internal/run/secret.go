package run

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"slapstar/internal/tree"
	"slapstar/starlib"
)

const maxSecretFile = 1 << 20 // bytes

// Secrets returns what reads secrets by name, from env:VARIABLE and file:PATH.
func Secrets(sources map[string]string) func(context.Context, string) (string, error) {
	return func(_ context.Context, name string) (string, error) { return readSecret(sources, name) }
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
	return strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r"), nil
}
