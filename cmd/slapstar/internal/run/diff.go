package run

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"slapstar/cmd/slapstar/internal/limit"
	"slapstar/engine"
	"slapstar/slap"
	"slapstar/slap/release"
	"slapstar/starlib"
	"slapstar/starlib/lang"
)

// A Diff compares what files declare at two revisions, without a Master, the network or a
// credential. What these would say stands for itself, the same on both sides.
type Diff struct {
	Connection  Connection     // of which only the products of the configuration are read
	Inputs      starlib.Inputs // of both sides, but for the Source of which only Root and Print count
	Environment string         // of the project; empty: the files belong to none
	LockFolder  string         // where products.lock is; empty: beside the entry file of each side
	SchemaDir   string         // see [release.Schemas.Dir]
	Watch       *limit.Watch
	Options     engine.Options

	Say func(string) // receives what is to be said besides, a line each
}

// SymbolicProduct starts what stands for the URL of a product of which nobody says it.
const SymbolicProduct = "product."

// Compare evaluates both sides and returns their difference, see [engine.Compare]. One of
// the two may have no entry file: it declares nothing.
func (d Diff) Compare(ctx context.Context, before, after Side) (*engine.Plan, error) {
	var sides [2]*diffSide
	for n, s := range []Side{before, after} {
		var err error
		if sides[n], err = d.side(ctx, s); err != nil {
			return nil, err
		}
	}
	if sides[0].missing && sides[1].missing {
		return nil, fmt.Errorf("there is no file %s, neither at %s nor in %s", after.File, before.Name(), after.Name())
	}
	schemas, err := d.schemas(after)
	if err != nil {
		return nil, err
	}
	var configs [2]*engine.Config
	borrowed := map[string]bool{}
	for n, s := range sides {
		if configs[n], err = d.evaluate(ctx, s, sides[1-n], schemas, borrowed); err != nil {
			return nil, err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(borrowed)) {
		d.say(fmt.Sprintf("product.%s is in the lock or the configuration of one side alone: the other one was given the same", name))
	}
	options := d.Options
	options.Entry = after.File
	return engine.Compare(configs[0], configs[1], engine.Comparison{Before: before.Name(), After: after.Name(), Identical: sides[0].same(sides[1])}, options)
}

func (d Diff) say(text string) {
	if d.Say != nil {
		d.Say(text)
	}
}

// schemas are what the cache and --schema-dir have of schemas.
func (d Diff) schemas(s Side) (*release.Schemas, error) {
	settings, err := d.Connection.Configuration(s.File)
	if err != nil {
		return nil, err
	}
	schemas := d.Connection.Schemas(settings, lang.Source{File: s.File, Root: d.Inputs.Root})
	schemas.Dir = d.SchemaDir
	return schemas.Cached(), nil
}

// evaluate returns what a side declares.
func (d Diff) evaluate(ctx context.Context, s, other *diffSide, schemas *release.Schemas, borrowed map[string]bool) (*engine.Config, error) {
	if s.missing {
		d.say(fmt.Sprintf("%s has no %s: it declares nothing", s.Name(), s.File))
		return &engine.Config{}, nil
	}
	in := s.inputs
	in.Secret = standInSecret
	in.StandIn = true
	in.Instance = func(name string) (slap.Instance, bool) {
		return slap.Instance{InstanceRequest: slap.InstanceRequest{Name: name, State: slap.Started,
			SoftwareRelease: "(release of " + name + ")", SoftwareType: "(type of " + name + ")"}}, true
	}
	in.Product = func(_ context.Context, name string) (string, error) {
		if url := s.product(name); url != "" {
			return url, nil
		}
		if url := other.product(name); url != "" {
			borrowed[name] = borrowed[name] || !other.missing
			return url, nil
		}
		return SymbolicProduct + name, nil
	}
	in.Serialisation = func(ctx context.Context, t starlib.Travel) (slap.Serialisation, error) {
		for _, side := range []*diffSide{s, other} {
			if said := travelIn(side.locked, t); said != "" {
				return said, nil
			}
		}
		said, err := Serialisation(ctx, schemas, kind{t.Release, t.SoftwareType, t.Shared})
		switch {
		case ctx.Err() != nil:
			return "", ctx.Err()
		case err == nil && said != "":
			return said, nil
		case t.Nested: // nothing says that it is not
			return slap.JSONInXML, nil
		}
		return "", nil
	}
	config, err := starlib.Exec(ctx, in)
	if err != nil && s.Revision != "" { // the message of a mistake begins with its position
		d.say(fmt.Sprintf("the files at %s cannot be evaluated", s.Revision))
	}
	return config, err
}

// travelIn is what the locked products say of how parameters travel.
func travelIn(locked map[string]product, t starlib.Travel) slap.Serialisation {
	for _, name := range slices.Sorted(maps.Keys(locked)) {
		if p := locked[name]; p.URL == t.Release {
			if said := p.Travel(t.SoftwareType, t.Shared); said != "" {
				return said
			}
		}
	}
	return ""
}

// product is the URL of a product, as far as the side says it.
func (s *diffSide) product(name string) string {
	if p, ok := s.locked[name]; ok {
		return p.URL
	}
	return s.configured[name]
}

// same reports whether two sides were evaluated from the same text and the same products.
func (s *diffSide) same(other *diffSide) bool {
	a, b := s.inputs.Sources, other.inputs.Sources
	return s.missing == other.missing && maps.Equal(a.Text, b.Text) && maps.Equal(a.Data, b.Data) &&
		maps.EqualFunc(s.locked, other.locked, func(a, b product) bool { return a.URL == b.URL }) && maps.Equal(s.configured, other.configured)
}

// standInSecret is what stands for each secret: nobody has it.
func standInSecret(_ context.Context, name string) (string, error) {
	return fmt.Sprintf("slapstar:stand-in-of-the-secret:%s", name), nil
}

// implicit are inputs that need not be asked for.
func implicit(vars map[string]lang.Var) map[string]lang.Var {
	vars = maps.Clone(vars)
	for name, v := range vars {
		v.Explicit = false
		vars[name] = v
	}
	return vars
}
