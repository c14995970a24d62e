package starlib

import (
	"fmt"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"
	"go.starlark.net/syntax"

	"slapstar/engine"
)

// An unknown is text that holds at least one connection parameter which is not
// known yet. It can become part of more text, and a parameter; it has no truth,
// no length, no order and no methods.
type unknown struct {
	e    *evaluation
	text engine.Text
}

var (
	_ starlark.HasBinary  = (*unknown)(nil)
	_ starlark.HasAttrs   = (*unknown)(nil)
	_ starlark.Mapping    = (*unknown)(nil)
	_ starlark.Comparable = (*unknown)(nil)
)

// An unknownError is a use of an unknown value that would have to guess.
type unknownError struct {
	use       string // what was tried, such as `==`
	reference engine.Reference
}

const notKnown = "which is not known yet"

const unknownHint = "use it only inside the parameters of another request: through +, % or .format; it is known once the instance has published it"

func (e *unknownError) Error() string {
	return fmt.Sprintf("%s needs the value of connection parameter %q of instance %q, %s",
		e.use, e.reference.Key, e.reference.Instance, notKnown)
}

func (u *unknown) refuse(use string) error {
	return &unknownError{use: use, reference: u.text.References()[0]}
}

// String is for print and fail. Anything else that turns the value into text
// got around the guards (a method value of a string, say): the text would be
// taken for a known one, so the evaluation ends.
func (u *unknown) String() string {
	if !u.e.printing {
		u.e.stop(u.refuse("this conversion to text").Error(), unknownHint)
	}
	var b strings.Builder
	for _, p := range u.text {
		b.WriteString(p.Literal)
		if p.Reference != nil {
			b.WriteString("(known after " + p.Reference.Instance + ")")
		}
	}
	return b.String()
}

func (u *unknown) Type() string          { return "value that is not known yet" }
func (u *unknown) Freeze()               {}
func (u *unknown) Hash() (uint32, error) { return 0, u.refuse("a dictionary key") }

// Truth has no way to fail, so it stops the evaluation. Conditions in files do
// not come here; any, all and bool of the library do.
func (u *unknown) Truth() starlark.Bool {
	u.e.stop(u.refuse("its truth").Error(), unknownHint)
	return false
}

// Attr refuses every method of a string.
func (u *unknown) Attr(name string) (starlark.Value, error) {
	return nil, u.refuse("." + name)
}

// AttrNames returns the methods that the value will have.
func (u *unknown) AttrNames() []string { return starlark.String("").AttrNames() }

// Get makes an index expression fail with a reason.
func (u *unknown) Get(starlark.Value) (starlark.Value, bool, error) {
	return nil, false, u.refuse("indexing")
}

// CompareSameType refuses to compare with another unknown value.
func (u *unknown) CompareSameType(op syntax.Token, _ starlark.Value, _ int) (bool, error) {
	return false, u.refuse(op.String())
}

// MarshalJSON makes json.encode fail with a reason.
func (u *unknown) MarshalJSON() ([]byte, error) { return nil, u.refuse("json.encode") }

// Binary implements + with strings and other unknown values.
func (u *unknown) Binary(op syntax.Token, y starlark.Value, side starlark.Side) (starlark.Value, error) {
	if op != syntax.PLUS {
		return nil, u.refuse(op.String())
	}
	other, ok := textOf(y)
	if !ok {
		return nil, nil // starlark-go says which types do not go together
	}
	if side == starlark.Left {
		return &unknown{u.e, engine.Join(u.text, other)}, nil
	}
	return &unknown{u.e, engine.Join(other, u.text)}, nil
}

// textOf returns the text of a string or an unknown value.
func textOf(v starlark.Value) (engine.Text, bool) {
	switch v := v.(type) {
	case starlark.String:
		return engine.Literal(string(v)), true
	case *unknown:
		return v.text, true
	}
	return nil, false
}

// findUnknown returns an unknown value in v or in what v holds.
func findUnknown(v starlark.Value) (*unknown, bool) {
	return finder{}.find(v)
}

// A finder remembers the containers it has looked into: one may be held many
// times, and by itself.
type finder map[starlark.Value]bool

func (f finder) find(v starlark.Value) (*unknown, bool) {
	switch v := v.(type) {
	case *unknown:
		return v, true
	case *starlark.Dict:
		if f.seen(v) {
			return nil, false
		}
		for _, item := range v.Items() {
			if u, ok := f.find(item[1]); ok { // a key is never unknown
				return u, true
			}
		}
	case *starlarkstruct.Struct:
		if f.seen(v) {
			return nil, false
		}
		for _, name := range v.AttrNames() {
			field, _ := v.Attr(name)
			if u, ok := f.find(field); ok {
				return u, true
			}
		}
	case *starlark.List:
		if f.seen(v) {
			return nil, false
		}
		return f.findIn(v)
	case starlark.Tuple:
		return f.findIn(v) // holds only what is older, so there are no circles
	}
	return nil, false
}

func (f finder) findIn(sequence starlark.Indexable) (*unknown, bool) {
	for i := range sequence.Len() {
		if u, ok := f.find(sequence.Index(i)); ok {
			return u, true
		}
	}
	return nil, false
}

func (f finder) seen(v starlark.Value) bool {
	before := f[v]
	f[v] = true
	return before
}
