package run

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"slapstar/internal/tree"
	"slapstar/starlib"
	"slapstar/starlib/lang"
)

// Since returns the inputs of an evaluation of the files as they were at a git
// revision.
func Since(ctx context.Context, revision string, in starlib.Inputs) (starlib.Inputs, error) {
	before, _, err := inputsAt(ctx, revision, in)
	if err != nil {
		return in, fmt.Errorf("--since %s: %w", revision, err)
	}
	return before, nil
}

// Gone returns the inputs of an evaluation of an entry file that only a git revision still
// has.
func Gone(ctx context.Context, revision string, in starlib.Inputs) (starlib.Inputs, error) {
	wrap := func(err error) (starlib.Inputs, error) { return in, fmt.Errorf("--since %s: %w", revision, err) }
	at, err := takeSnapshot(ctx, in.Folder(), revision)
	if err != nil {
		return wrap(err)
	}
	entry, err := within(in.Folder(), in.File)
	if err != nil {
		return wrap(err)
	}
	if there, err := at.has(ctx, entry); err != nil {
		return wrap(err)
	} else if !there {
		return in, fmt.Errorf("there is no file %s, neither here nor at %s", in.File, revision)
	}
	in.Source = lang.Source{File: entry, Print: in.Print, Sources: &lang.Sources{Text: map[string]string{},
		Read: func(name string) ([]byte, error) { return at.read(ctx, name) }}}
	in.Vars = implicit(in.Vars)
	return in, nil
}

// Base returns the inputs of an evaluation of the files at the git revision of --base,
// and whether it has the entry file. Secrets that are not given are withheld.
func Base(ctx context.Context, revision string, in starlib.Inputs) (base starlib.Inputs, there bool, err error) {
	base, read, err := inputsAt(ctx, revision, in)
	if err == nil {
		_, err = read(base.File)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return in, false, nil
	}
	if err != nil {
		return in, false, fmt.Errorf("--base %s: %w", revision, err)
	}
	base.Secret = GivenSecrets(in.Secret)
	return base, true, nil
}

// inputsAt returns the inputs of an evaluation at a git revision, and what reads a file
// of it by its name below the root.
func inputsAt(ctx context.Context, revision string, in starlib.Inputs) (starlib.Inputs, func(string) ([]byte, error), error) {
	entry, err := in.EntryName()
	if err != nil {
		return in, nil, err
	}
	repository, err := openRepository(ctx, in.Folder())
	if err != nil {
		return in, nil, err
	}
	commit, err := repository.commit(ctx, revision)
	if err != nil {
		return in, nil, err
	}
	read := func(name string) ([]byte, error) {
		data, err := repository.read(ctx, commit, name)
		if errors.Is(err, tree.ErrOutside) { // in the words of [lang.Evaluation.Read]
			err = errors.New("in this revision it is outside of the folder of the entry file, which load does not leave")
		}
		return data, err
	}
	in.Source = lang.Source{File: entry, Print: in.Print, Sources: &lang.Sources{Text: map[string]string{}, Read: read}}
	// An input of today need not have been one then.
	in.Vars = implicit(in.Vars)
	return in, read, nil
}
