package release

import (
	"context"
	"fmt"

	"slapstar/slap/jsonschema"
)

// A Property is what the schema of a release says of one parameter, or of a member of one.
type Property = jsonschema.Property

// Items is the element of a path that stands for all items of a list.
const Items = jsonschema.Items

// Matching is the element of a path that stands for all names of a pattern.
func Matching(pattern string) string { return jsonschema.Matching(pattern) }

// Properties returns what a release says of the parameters of a software type, or, with a
// path, of the members of one. Errors are as those of Validate.
func (s *Schemas) Properties(ctx context.Context, t Type, path ...string) ([]Property, error) {
	if t.Broken != "" {
		return nil, ofType{fmt.Errorf("%w: software type %q: %s", errBroken, t.ID, t.Broken)}
	}
	compiled, err := s.compiledAt(ctx, t.Request)
	if err != nil {
		return nil, ofType{err}
	}
	return compiled.Properties(path...), nil
}
