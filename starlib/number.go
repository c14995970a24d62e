package starlib

import (
	"context"
	"maps"

	"slapstar/engine"
	"slapstar/starlib/lang"
)

// followRounds is how often files are evaluated again for where numbers come from.
const followRounds = 3

// followNumbers finds where the parameters come from that were made of numbers, or of
// truths, of the Master: the files are evaluated again, with these as values that know it.
// All else stays as it is. Nothing that goes wrong in it counts, but for the end of the
// context: what cannot be followed has no origin.
func (e *Evaluation) followNumbers(ctx context.Context) error {
	in := e.inputs
	in.Print, in.Follow = nil, &lang.Follow{}
	in.Product = remembered(e.products, in.Product)
	for range followRounds {
		again, err := New(ctx, in, nil)
		if err != nil {
			return err
		}
		err = again.exec()
		again.Close()
		switch {
		case ctx.Err() != nil:
			return err
		case err == nil:
			takeOrigins(e.config, again.config)
			return nil
		case !in.Follow.Lose(err):
			return nil
		}
	}
	return nil
}

// remembered does not ask again for the URLs of products.
func remembered(products map[string]string, ask func(context.Context, string) (string, error)) func(context.Context, string) (string, error) {
	urls := map[string]string{}
	for url, name := range products {
		urls[name] = url
	}
	return func(ctx context.Context, name string) (string, error) {
		if url, ok := urls[name]; ok {
			return url, nil
		}
		return ask(ctx, name)
	}
}

// takeOrigins gives the values of a Config the origins that they have in another one, if
// both declare the same.
func takeOrigins(c, other *engine.Config) {
	if len(c.Resources) != len(other.Resources) || (c.More == nil) != (other.More == nil) {
		return
	}
	for n, r := range c.Resources {
		if r.Address() != other.Resources[n].Address() || !sameValues(r, other.Resources[n]) {
			return
		}
	}
	for n, r := range c.Resources {
		i, ok := r.(*engine.Instance)
		if !ok {
			continue
		}
		known := other.Resources[n].(*engine.Instance)
		for into, from := range map[*map[string]engine.Text]map[string]engine.Text{&i.Parameters: known.Parameters, &i.SLALater: known.SLALater} {
			for key, t := range from {
				if t.HasSources() {
					(*into)[key] = t
				}
			}
		}
		i.SLASources = known.SLASources
	}
}

// sameValues reports whether two declarations have the same values, wherever those come
// from.
func sameValues(x, y engine.Resource) bool {
	a, ok := x.(*engine.Instance)
	if !ok {
		return true
	}
	b := y.(*engine.Instance)
	same := func(t, u engine.Text) bool { return t.Equal(u) && t.SameKind(u) }
	return maps.EqualFunc(a.Parameters, b.Parameters, same) && maps.EqualFunc(a.SLALater, b.SLALater, same) && maps.Equal(a.SLA, b.SLA)
}
