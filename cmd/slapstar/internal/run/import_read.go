package run

import (
	"context"
	"errors"
	"maps"
	"slices"

	"slapstar/engine"
	"slapstar/slap"
)

// read reads all instances, and the software of all nodes that can be seen.
func (i *Import) read(ctx context.Context) (err error) {
	if i.state, err = engine.Observe(ctx, i.master.Reader()); err != nil {
		return err
	}
	if err := i.master.Complete(ctx, i.state); err != nil {
		return err
	}
	err = i.master.CompleteSoftware(ctx, i.state)
	switch meaning := slap.MeaningOf(err); {
	case err == nil:
		i.nodesAll = true
		return nil
	case !errors.Is(err, slap.ErrUnsupported) && meaning != slap.NotAllowed && meaning != slap.ManagersOnly:
		return err
	}
	nodes := map[string]bool{}
	for _, current := range i.state.Instances {
		if current.Computer != "" {
			nodes[current.Computer] = true
		}
	}
	err = i.state.CompleteSoftware(ctx, i.master.Reader(), slices.Sorted(maps.Keys(nodes)))
	if meaning := slap.MeaningOf(err); errors.Is(err, slap.ErrUnsupported) || meaning == slap.NotAllowed || meaning == slap.ManagersOnly {
		return nil
	}
	return err
}

// products looks up for which releases product.NAME stands: the best release of a product,
// as the Master says.
func (i *Import) products(ctx context.Context) error {
	used := map[string]bool{}
	for _, current := range i.state.Instances {
		used[current.SoftwareRelease] = true
	}
	for _, releases := range i.state.Software {
		for release := range releases {
			used[release] = true
		}
	}
	list, err := i.master.ListProducts(ctx)
	if err != nil && ctx.Err() != nil {
		return err
	}
	var names []string
	for _, p := range list { // by reference; one may not be let see them
		if slices.ContainsFunc(p.Releases, func(r slap.ProductRelease) bool { return used[r.URL] }) {
			names = append(names, p.Reference)
		}
	}
	for n, release := range slices.Sorted(maps.Keys(used)) { // a slapproxy lists none, and tells of each
		if name := productOf("", release); name != "" && n < mostGuesses {
			names = append(names, name)
		}
	}
	i.Options.Products = map[string]string{}
	asked := map[string]bool{}
	for _, name := range names {
		if asked[name] {
			continue
		}
		asked[name] = true
		best, err := i.master.Product(ctx, name)
		if ctx.Err() != nil {
			return err
		}
		if err == nil && len(best) > 0 && used[best[0]] && i.Options.Products[best[0]] == "" {
			i.Options.Products[best[0]] = name
		}
	}
	return nil
}

// mostGuesses is of how many releases the Master is asked whether they are those of a
// product that is called as the folder of the release.
const mostGuesses = 100
