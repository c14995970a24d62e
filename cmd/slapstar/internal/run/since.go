package run

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"slapstar/internal/tree"
	"slapstar/starlib"
	"slapstar/starlib/lang"
)

// Since returns the inputs of an evaluation of the files as they were at a git
// revision.
func Since(ctx context.Context, revision string, in starlib.Inputs) (starlib.Inputs, error) {
	entry, err := in.EntryName()
	if err != nil {
		return in, err
	}
	repository, err := openRepository(ctx, in.Folder())
	if err != nil {
		return in, fmt.Errorf("--since %s: %w", revision, err)
	}
	commit, err := repository.commit(ctx, revision)
	if err != nil {
		return in, fmt.Errorf("--since %s: %w", revision, err)
	}
	in.Source = lang.Source{File: entry, Print: in.Print, Sources: &lang.Sources{Text: map[string]string{}, Read: func(name string) ([]byte, error) {
		data, err := repository.read(ctx, commit, name)
		if errors.Is(err, tree.ErrOutside) { // in the words of [lang.Evaluation.Read]
			err = errors.New("in this revision it is outside of the folder of the entry file, which load does not leave")
		}
		return data, err
	}}}
	// An input of today need not have been one then.
	in.Vars = maps.Clone(in.Vars)
	for name, v := range in.Vars {
		v.Explicit = false
		in.Vars[name] = v
	}
	return in, nil
}
