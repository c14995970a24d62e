package run

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"

	"slapstar/cmd/slapstar/internal/lock"
	"slapstar/engine"
	"slapstar/slap"
	"slapstar/slap/release"
	"slapstar/starlib/lang"
)

// Relock returns the lock of what the files ask for. Products that are in the old one stay
// as they are, but for those that update chooses, by name or by a pattern: these are what
// the Master says today. Of a product that cannot be kept up to date said tells why. With
// whole, what the files no longer ask for goes.
func (p *Planner) Relock(ctx context.Context, old Locked, update []string, whole bool) (fresh map[string]lock.Product, said []string, err error) {
	kept := map[string]lock.Product{}
	for name, product := range old.Products {
		if !chosen(name, update) {
			kept[name] = product
		}
	}
	p.UseLock(Locked{Products: kept})
	plan, _, err := p.Replan(ctx)
	if err != nil {
		return nil, nil, err
	}
	names := slices.Sorted(maps.Keys(p.products))
	for _, pattern := range update {
		if !slices.ContainsFunc(names, func(name string) bool { return chosen(name, []string{pattern}) }) {
			return nil, nil, lang.Suggest(fmt.Errorf("--update: the files ask for no product %q", pattern), pattern, names)
		}
	}
	fresh = map[string]lock.Product{}
	if !whole || plan.More != nil {
		maps.Copy(fresh, old.Products)
	}
	for _, name := range names {
		if product, ok := kept[name]; ok {
			fresh[name] = product
			continue
		}
		product, err := p.describe(ctx, p.products[name])
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		if was := old.Products[name]; err != nil && was.URL == product.URL {
			product = was
		}
		if err != nil && !errors.Is(err, slap.ErrNotFound) {
			said = append(said, fmt.Sprintf("product.%s: its schema is not in the lock: %v", name, err))
		}
		fresh[name] = product
	}
	return fresh, said, nil
}

// chosen reports whether one of some patterns is, or matches, a name.
func chosen(name string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		matches, err := path.Match(pattern, name)
		return pattern == name || matches && err == nil
	})
}

// describe is what a lock says of a release. The error says why it does not say all.
func (p *Planner) describe(ctx context.Context, url string) (lock.Product, error) {
	product := lock.Product{URL: url}
	schema, err := p.Schemas.Release(ctx, url)
	if err != nil {
		return product, HintSchema(err)
	}
	product.Serialisation, product.Shared = travelOf(schema)
	product.Schema, err = p.Schemas.Fingerprint(ctx, url)
	return product, err
}

// travelOf are what a schema says of how the parameters of its software types travel.
func travelOf(schema *release.Schema) (own, shared map[string]slap.Serialisation) {
	for _, t := range schema.Types {
		types := &own
		if t.Shared {
			types = &shared
		}
		if t.Serialisation == "" {
			continue
		}
		if *types == nil {
			*types = map[string]slap.Serialisation{}
		}
		(*types)[t.SoftwareType] = t.Serialisation
	}
	return own, shared
}

// A LockedProduct is how a product stands to its lock.
type LockedProduct struct {
	Name   string
	Status LockStatus
	Locked lock.Product
	Now    lock.Product // of the Master, as far as it is known

	Differences []release.Difference // between the two schemas
	Unread      string               // why the schemas were not compared; empty: they were, or need not be
}

// A LockStatus says whether a lock is up to date.
type LockStatus string

// The states of locked products.
const (
	LockSame    LockStatus = "same"
	LockMoved   LockStatus = "moved"      // the Master names another release
	LockChanged LockStatus = "changed"    // the same release has another schema
	LockMissing LockStatus = "not locked" // the files ask for it, and the lock does not have it
	LockUnknown LockStatus = "not known"  // the Master does not know it any more
	LockUnused  LockStatus = "not used"   // the files do not ask for it
)

// A LockCheck says how the lock of an environment stands to its Master.
type LockCheck struct {
	Products []LockedProduct   // by name
	Upgrades map[string]string // the states of the upgrade decisions that are pending, by declared instance
	Invalid  []engine.Refusal  // what of the files would be wrong with what the Master says today
	Broken   error             // the files cannot be evaluated with that; nil: they can
	Unsaid   bool              // the files may ask for more, which depends on a value not known yet
}

// Clean reports whether there is nothing to do.
func (c *LockCheck) Clean() bool {
	return c.Broken == nil && len(c.Invalid)+len(c.Upgrades) == 0 && !slices.ContainsFunc(c.Products, func(p LockedProduct) bool {
		return p.Status != LockSame && p.Status != LockUnused
	})
}

// CheckLock compares a lock with what the Master says today. Locked is a second Planner of
// the same files: what is wrong with the lock as well does not become so.
func (p *Planner) CheckLock(ctx context.Context, old Locked, locked *Planner) (*LockCheck, error) {
	now := map[string]string{}
	gone := map[string]lock.Product{}
	for _, name := range slices.Sorted(maps.Keys(old.Products)) {
		releases, err := p.ask(ctx, name)
		if err != nil {
			return nil, err
		}
		if len(releases) == 0 {
			gone[name] = old.Products[name]
			continue
		}
		now[name] = releases[0]
	}
	p.UseLock(Locked{Products: gone})
	check := &LockCheck{}
	plan, _, err := p.Replan(ctx)
	if _, wrong := errors.AsType[*lang.Error](err); wrong && ctx.Err() == nil {
		check.Broken = err
	} else if err != nil {
		return nil, err
	}
	locked.UseLock(Locked{Products: old.Products})
	before, _, errBefore := locked.Replan(ctx)
	if check.Broken != nil && errBefore != nil { // it is wrong whatever the lock says
		return nil, errBefore
	}
	if plan == nil {
		plan = before
	}
	check.Unsaid = plan.More != nil
	used := maps.Clone(p.products)
	maps.Copy(used, locked.products)
	names := maps.Clone(used)
	for name, product := range old.Products {
		names[name] = product.URL
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		was, isLocked := old.Products[name]
		_, isUsed := used[name]
		_, isGone := gone[name]
		l := LockedProduct{Name: name, Locked: was}
		switch {
		case !isLocked:
			l.Status, l.Now.URL = LockMissing, p.products[name]
		case isGone:
			l.Status = LockUnknown
		default:
			p.compareLocked(ctx, &l, now[name])
		}
		if !isUsed && isLocked {
			l.Status = LockUnused
		}
		check.Products = append(check.Products, l)
	}
	if check.Upgrades, err = p.pendingUpgrades(ctx, plan.Declared); err != nil {
		return nil, err
	}
	check.Invalid = becomeInvalid(plan, before)
	return check, ctx.Err()
}

// compareLocked compares a locked product with the release that the Master names.
func (p *Planner) compareLocked(ctx context.Context, l *LockedProduct, url string) {
	var err error
	l.Status, l.Now.URL = LockSame, url
	l.Now, err = p.describe(ctx, url)
	moved := url != l.Locked.URL
	switch {
	case moved:
		l.Status = LockMoved
	case l.Locked.Schema != "" && l.Now.Schema != "" && l.Locked.Schema != l.Now.Schema:
		l.Status = LockChanged
	}
	switch {
	case err != nil && (moved || l.Locked.Schema != ""):
		l.Unread = err.Error()
	case moved:
		if l.Differences, err = p.Schemas.Differences(ctx, l.Locked.URL, url); err != nil {
			l.Unread = err.Error()
		}
	}
}

// becomeInvalid are the refusals of schemas that one plan has and another one has not.
func becomeInvalid(plan, before *engine.Plan) []engine.Refusal {
	known := map[string]bool{}
	if before != nil {
		for _, r := range before.Options.Judged.Wrong {
			known[string(r.Address)+"\n"+r.Message] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(plan.Options.Judged.Wrong), func(r engine.Refusal) bool { return known[string(r.Address)+"\n"+r.Message] })
}

// pendingUpgrades are the upgrade decisions of a full Master that are not carried out yet,
// for the instances that the files declare. What cannot be read is not known.
func (p *Planner) pendingUpgrades(ctx context.Context, c *engine.Config) (map[string]string, error) {
	defer p.master.Wait(p.Watch)()
	decisions, err := p.master.Reader().UpgradeDecisions(ctx)
	if err != nil {
		return nil, ctx.Err()
	}
	declared := map[string]bool{}
	for _, i := range c.Instances() {
		declared[i.Name] = true
	}
	states := map[string]string{}
	for _, d := range decisions {
		if declared[d.Tree] {
			states[d.Tree] = d.State
		}
	}
	return states, nil
}
