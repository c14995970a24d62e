package main

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"

	"slapstar/cmd/slapstar/internal/lock"
	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/term"
)

// useLock makes a Planner take products from the lock of an entry file, if there is one.
func (e *env) useLock(ctx context.Context, p *run.Planner, file string) error {
	locked, err := e.locked(ctx, file)
	if err != nil {
		return err
	}
	p.UseLock(locked)
	if n := len(locked.Products); n > 0 && e.global.connection.Verbosity > 0 {
		fmt.Fprintf(e.Err, "%s has %s of %s\n", filepath.Join(e.lockFolderOf(file), lock.Name), term.Counted(n, "product"), term.Escape(target{e, file}.name()))
	}
	return nil
}

// locked are the products of an entry file, or of the environment, that are locked.
func (e *env) locked(ctx context.Context, file string) (run.Locked, error) {
	f, err := e.connection().ReadLock(ctx, e.lockFolderOf(file))
	if err != nil {
		return run.Locked{}, err
	}
	return run.Locked{
		Products: f.Environments[e.environmentName()],
		Required: e.environment != nil && e.environment.Locked,
		Update:   "slapstar lock " + target{e, file}.name() + " adds it",
	}, nil
}

// lockFolderOf is the folder of the lock of an entry file.
func (e *env) lockFolderOf(file string) string {
	return cmp.Or(e.lockFolder(), filepath.Dir(file))
}

// lockFolder is where the lock of the project is; empty: it is beside the entry file.
func (e *env) lockFolder() string {
	if e.project == nil {
		return ""
	}
	return e.project.Root
}
