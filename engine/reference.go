package engine

import (
	"cmp"
	"fmt"

	"slapstar/slap/credential"
)

// A Reference stands for something of an instance that is not known yet. Without Kind it
// is, in this order: a value in the JSON document that the instance publishes, where Path
// is not empty; a connection parameter; with neither Key nor Path, nothing but that the
// instance is ready, which is only waited for. Two references to the same are equal but for
// Position.
type Reference struct {
	Instance string
	Kind     Kind
	Key      string // of the connection parameter
	Path     Path   // in the JSON document that stands there; see [Lookup.Find] for an empty Key
	JSON     bool   // of a Path: the value is wanted as JSON, whatever its type is; else it has to be text

	Position Position // where it was asked for
}

// A Kind says what else than a connection parameter a [Reference] stands for.
type Kind string

// What a Master tells of an instance once it has it.
const (
	GUID Kind = "guid" // getInstanceGuid
	ID   Kind = "id"   // getId: the partition
)

// key is what r waits for, without the place and the form.
func (r Reference) key() Reference {
	r.JSON, r.Position = false, Position{}
	return r
}

// ready reports whether it is the instance itself that is waited for.
func (r Reference) ready() bool { return r.Kind == "" && r.Key == "" && r.Path == "" }

// Same reports whether two references stand for the same, in the same form.
func (r Reference) Same(other Reference) bool {
	r.Position, other.Position = Position{}, Position{}
	return r == other
}

// Name says what of the instance it is, in a word: url, router.ipv4[0], guid. That of a
// whole document is its connection parameter.
func (r Reference) Name() string {
	switch {
	case r.Kind != "":
		return string(r.Kind)
	case r.Path == Whole:
		return cmp.Or(r.Key, DocumentKey)
	case r.Path != "" && r.Key != "":
		return NewPath(append([]any{r.Key}, r.Path.Steps()...)...).String()
	case r.Path != "":
		return r.Path.String()
	}
	return r.Key
}

// String says what it is and of which instance, for a sentence.
func (r Reference) String() string { return r.what() + fmt.Sprintf(" of instance %q", r.Instance) }

func (r Reference) what() string {
	switch {
	case r.Kind != "":
		return "the " + string(r.Kind)
	case r.Path == Whole && r.Key == "":
		return "the output"
	case r.Path != "" && r.Key == "":
		return fmt.Sprintf("output %q", r.Name())
	case r.Path == "" && r.Key == "":
		return "the state"
	case r.Path != "" && r.Path != Whole:
		return fmt.Sprintf("the value %q in connection parameter %q", r.Path.String(), r.Key)
	}
	return fmt.Sprintf("connection parameter %q", r.Key)
}

// Credential says where the value comes from, should it be a credential.
func (r Reference) Credential() Credential {
	c := Credential{Instance: r.Instance, Key: cmp.Or(r.Key, DocumentKey), Leaf: r.Path != ""}
	if steps := r.Path.Steps(); r.Key == "" && len(steps) > 0 {
		c.Key, c.Leaf = r.Path.String(), false
	}
	return c
}

// LooksCredential reports whether the value that is to come will look like a credential:
// its key says so, or one on the path.
func (r Reference) LooksCredential() bool {
	if credential.Key(r.Key) {
		return true
	}
	for _, step := range r.Path.Steps() {
		if key, ok := step.(string); ok && credential.Key(key) {
			return true
		}
	}
	return false
}
