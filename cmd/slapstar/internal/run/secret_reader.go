package run

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"slapstar/internal/mask"
	"slapstar/internal/tree"
	"slapstar/slap/config"
	"slapstar/starlib/lang"
)

// A secretReader reads each secret once.
type secretReader struct {
	sources SecretSources
	hidden  *mask.Filter

	mu     sync.Mutex
	read   map[string]string // by name
	failed map[string]error
	names  map[string]string // of the secrets that were read from a variable that stands for more than one
}

// keep reads a secret, unless that was done.
func (r *secretReader) keep(name string, read func() (string, error)) {
	value, err := read()
	if err != nil {
		r.failed[name] = err
		return
	}
	r.hidden.Add(value)
	r.read[name] = value
}

func (r *secretReader) secret(ctx context.Context, name string) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, known := r.read[name]; !known && r.failed[name] == nil {
		r.keep(name, func() (string, error) { return r.find(ctx, name) })
	}
	if err := r.failed[name]; err != nil {
		if ctx.Err() != nil { // which may be why
			delete(r.failed, name)
		}
		return "", err
	}
	return r.read[name], nil
}

// find looks for a secret that no flag names.
func (r *secretReader) find(ctx context.Context, name string) (string, error) {
	for _, look := range []func(string) (string, error){r.inFolder(r.sources.Folder), r.inPattern, r.inVariable(secretPrefix)} {
		if value, err := look(name); !errors.Is(err, ErrNotGiven) {
			return value, err
		}
	}
	if r.sources.Ask != nil {
		if value, err := r.sources.Ask(ctx, name); value != "" || err != nil {
			return value, err
		}
	}
	err := fmt.Errorf("%w; --secret %s=env:VARIABLE or --secret %s=file:PATH gives it", ErrNotGiven, name, name)
	if r.sources.Pattern != "" {
		err = fmt.Errorf("%w, and so would %s, which the environment has for it", err, r.place(name))
	}
	return "", err
}

// place is where the pattern of the environment has a secret.
func (r *secretReader) place(name string) string {
	if prefix, ok := r.prefix(); ok {
		return "$" + prefix + variableName(name)
	}
	return filepath.Join(r.folder(), name)
}

func (r *secretReader) inPattern(name string) (string, error) {
	if prefix, ok := r.prefix(); ok {
		return r.inVariable(prefix)(name)
	}
	return r.inFolder(r.folder())(name)
}

// prefix is that of the variables of the environment.
func (r *secretReader) prefix() (string, bool) {
	prefix, ok := strings.CutPrefix(r.sources.Pattern, "env:")
	return strings.TrimSuffix(prefix, "*"), ok
}

// folder is that of the secrets of the environment; empty: there is none.
func (r *secretReader) folder() string {
	folder, _ := strings.CutPrefix(r.sources.Pattern, "file:")
	return config.ExpandHome(strings.TrimSuffix(folder, "/*"))
}

// variableName is a name as variables have it: DB_PASSWORD for db-password.
func variableName(name string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z':
			return c - 'a' + 'A'
		case c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
			return c
		}
		return '_'
	}, name)
}

// inVariable returns what reads a secret from a variable: its name in capitals, or as it
// is. An empty one gives nothing: CI systems make one of a secret that they keep back. Two
// names that stand for one variable are an error.
func (r *secretReader) inVariable(prefix string) func(string) (string, error) {
	return func(name string) (string, error) {
		variable := prefix + variableName(name)
		value := os.Getenv(variable)
		if value == "" {
			if value = os.Getenv(prefix + name); value != "" {
				return value, nil
			}
			return "", ErrNotGiven
		}
		if other := r.names[variable]; other != "" && other != name {
			return "", lang.Hint(fmt.Errorf("the variable %s would give two secrets, this one and %q", variable, other), fmt.Sprintf("rename one, or give it with --secret %s=env:VARIABLE", name))
		}
		r.names[variable] = name
		return value, nil
	}
}

// inFolder returns what reads a secret from the file of its name, which nobody else may
// read.
func (r *secretReader) inFolder(folder string) func(string) (string, error) {
	return func(name string) (string, error) {
		if folder == "" || name != filepath.Base(name) || strings.HasPrefix(name, ".") || strings.ContainsAny(name, `/\`) {
			return "", ErrNotGiven
		}
		path := filepath.Join(folder, name)
		info, err := os.Stat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return "", ErrNotGiven
		case err != nil:
			return "", err
		case info.Mode().Perm()&0o077 != 0:
			return "", lang.Hint(fmt.Errorf("others may read or write %s: its mode is %04o, want 0600", path, info.Mode().Perm()), "chmod 600 "+shellWord(path))
		}
		data, err := tree.ReadNamed(path, maxSecretFile)
		return secretText(data), err
	}
}

// maxHidden is how many secrets of a folder become known before they are asked for.
const maxHidden = 1000

// hideAll makes known what the files may have asked for before, and no longer do. Of the
// variables of an environment, which need not all be secrets, only what is long is one.
func (r *secretReader) hideAll() {
	for _, value := range variables(secretPrefix) {
		r.hidden.Add(value)
	}
	if prefix, ok := r.prefix(); ok {
		for _, value := range variables(prefix) {
			if len(value) >= mask.Inside {
				r.hidden.Add(value)
			}
		}
	}
	for _, folder := range []string{r.sources.Folder, r.folder()} {
		if folder == "" {
			continue
		}
		entries, _ := os.ReadDir(folder) // what cannot be read is told when it is asked for
		for _, entry := range entries[:min(len(entries), maxHidden)] {
			if value, err := r.inFolder(folder)(entry.Name()); err == nil {
				r.hidden.Add(value)
			}
		}
	}
}

// variables are the values of the environment variables that begin so.
func variables(prefix string) []string {
	var list []string
	for _, entry := range os.Environ() {
		if name, value, _ := strings.Cut(entry, "="); len(name) > len(prefix) && strings.HasPrefix(name, prefix) {
			list = append(list, value)
		}
	}
	return list
}
