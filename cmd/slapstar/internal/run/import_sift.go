package run

import (
	"context"
	"errors"

	"slapstar/engine"
	"slapstar/internal/mask"
	"slapstar/slap"
	"slapstar/starlib"
	"slapstar/starlib/lang"
)

// sift evaluates each declaration by itself, and notes those that no file can have. It
// reports whether there is any.
func (i *Import) sift(ctx context.Context) bool {
	found := false
	secrets := i.inputs().Secret
	for _, r := range i.adopted.Config.Resources {
		if ctx.Err() != nil {
			return false
		}
		err := i.tryOne(ctx, r, secrets)
		if err == nil {
			continue
		}
		found = true
		if instance, ok := r.(*engine.Instance); ok && instance.Serialisation == slap.JSONInXML {
			i.Options.Text[instance.Name] = true
			continue
		}
		why := err.Error()
		if files, ok := errors.AsType[*lang.Error](err); ok && len(files.Problems) > 0 {
			why = files.Problems[0].Message
		}
		i.Options.Without[string(r.Address())] = why
	}
	return found
}

func (i *Import) tryOne(ctx context.Context, r engine.Resource, secret func(context.Context, string) (string, error)) error {
	const name = "one.star"
	text := starlib.Writing{Nested: true}.File(&engine.Config{Resources: []engine.Resource{r}})
	_, err := starlib.Exec(ctx, starlib.Inputs{
		Source: lang.Source{File: name, Sources: &lang.Sources{Text: map[string]string{name: text}, Read: func(string) ([]byte, error) { return nil, errors.New("there is none") }}},
		Lookup: i.state.Find,
		Instance: func(name string) (slap.Instance, bool) {
			current, ok := i.state.Instances[name]
			return current, ok
		},
		Product: func(_ context.Context, product string) (string, error) {
			for release, of := range i.Options.Products {
				if of == product {
					return release, nil
				}
			}
			return "", nil
		},
		Mask:   mask.New(),
		Secret: secret,
	})
	return err
}
