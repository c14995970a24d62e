package run

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"

	"slapstar/cmd/slapstar/internal/lock"
	"slapstar/slap"
	"slapstar/starlib"
	"slapstar/starlib/lang"
)

// Locked are the products of an environment that products.lock has.
type Locked struct {
	Products map[string]lock.Product // by name
	Required bool                    // a product that is not among them is an error
	Update   string                  // the command that adds one, for the hint of that error
}

// ReadLock reads the lock of a folder. Without one it is empty. That of untrusted files is
// the one of the base: whoever moves a product chooses what is carried out.
func (c Connection) ReadLock(ctx context.Context, folder string) (*lock.File, error) {
	at, err := takeSnapshot(ctx, folder, "")
	if err != nil {
		return nil, err
	}
	if c.Trust.Untrusted {
		t, err := openStrangersTree(filepath.Join(folder, lock.Name))
		if err != nil {
			return nil, err
		}
		if t.touches(filepath.Join(folder, lock.Name)) {
			if at, err = c.lockOfBase(ctx, folder); at == nil {
				return &lock.File{}, err
			}
		}
	}
	data, err := at.read(ctx, lock.Name)
	if errors.Is(err, fs.ErrNotExist) {
		return &lock.File{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", filepath.Join(folder, lock.Name), err)
	}
	return lock.Parse(filepath.Join(folder, lock.Name), data)
}

// lockOfBase is where the lock of untrusted files is; nil: nowhere.
func (c Connection) lockOfBase(ctx context.Context, folder string) (*snapshot, error) {
	path := filepath.Join(folder, lock.Name)
	if c.Trust.Base == "" {
		if Exists(path) {
			c.say(fmt.Sprintf("%s is not used: it is part of the files, and they are untrusted; --base REV takes that of a revision", path))
		}
		return nil, nil
	}
	at, err := takeSnapshot(ctx, folder, c.Trust.Base)
	if err != nil {
		return nil, fmt.Errorf("--base %s: %w", c.Trust.Base, err)
	}
	data, err := at.read(ctx, lock.Name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("--base %s: %w", c.Trust.Base, err)
	}
	if now, err := readFile(folder, lock.Name); string(now) != string(data) || err != nil && data != nil {
		c.say(fmt.Sprintf("the files change %s: that of %s is used", path, c.Trust.Base))
	}
	return at, nil
}

// UseLock takes products from a lock instead of asking the Master. It is called before the
// first plan.
func (p *Planner) UseLock(locked Locked) {
	p.locked = locked
	p.Options.Locked = slices.Sorted(maps.Keys(locked.Products))
	p.judge.locked = p.lockSays
}

// fromLock is the URL of a product that the lock has. It reports false where the Master is
// asked.
func (p *Planner) fromLock(name string) (url string, found bool, err error) {
	if locked, ok := p.locked.Products[name]; ok {
		return locked.URL, true, nil
	}
	if p.locked.Required {
		return "", false, lang.Hint(fmt.Errorf("%s does not have it, and the environment is locked", lock.Name), p.locked.Update)
	}
	return "", false, nil
}

// neighbourProduct is a product for another environment, whose lock is not known here: for
// the names that it declares any release will do.
func (p *Planner) neighbourProduct(ctx context.Context, name string) (string, error) {
	if url, ok := p.products[name]; ok {
		return url, nil
	}
	if locked, ok := p.locked.Products[name]; ok {
		return locked.URL, nil
	}
	if url, ok := p.elsewhere[name]; ok {
		return url, nil
	}
	releases, err := p.ask(ctx, name)
	if err != nil {
		return "", err
	}
	if p.elsewhere == nil {
		p.elsewhere = map[string]string{}
	}
	if p.elsewhere[name] = ""; len(releases) > 0 {
		p.elsewhere[name] = releases[0]
	}
	return p.elsewhere[name], nil
}

// lockSays is what the lock records of how parameters travel; empty: nothing.
func (p *Planner) lockSays(k kind) slap.Serialisation {
	return travelIn(p.locked.Products, starlib.Travel{Release: k.release, SoftwareType: k.softwareType, Shared: k.shared})
}

// settled is what is known of how parameters travel, without the network: from the schema,
// else from the lock.
func (p *Planner) settled(t starlib.Travel) slap.Serialisation {
	if said := p.travel.settled(t); said != "" {
		return said
	}
	return p.lockSays(kind{t.Release, t.SoftwareType, t.Shared})
}
