package starlib

import (
	"fmt"

	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"
	"go.starlark.net/syntax"

	"slapstar/engine"
)

// A text is a string that is more than its letters: it holds at least one
// connection parameter which is not known yet, or a secret. It can become part of
// more text, and a parameter. What is not known has no truth, no length, no order
// and no methods; a secret can be compared, and shown in no other way.
type text struct {
	e    *evaluation
	text engine.Text
}

var (
	_ starlark.HasBinary  = (*text)(nil)
	_ starlark.HasAttrs   = (*text)(nil)
	_ starlark.Mapping    = (*text)(nil)
	_ starlark.Comparable = (*text)(nil)
)

// An unknownError is a use of a value that is not known yet, which would have to
// guess.
type unknownError struct {
	use       string // what was tried, such as `==`
	reference engine.Reference
	boundary  bool // of a condition or a comparison: what is behind it is the next stage
}

const notKnown = "which is not known yet"

const unknownHint = "use it only inside the parameters of another request: through +, %, .format or json.encode; or in a condition, and what is behind that is planned once the instance has published it"

func (e *unknownError) Error() string {
	return fmt.Sprintf("%s needs the value of connection parameter %q of instance %q, %s",
		e.use, e.reference.Key, e.reference.Instance, notKnown)
}

const secretHint = "use it only inside the parameters of a request: through +, %, .format or json.encode; and in comparisons"

// refuse is the error of a use that a value does not allow.
func (t *text) refuse(use string) error {
	if references := t.text.References(); len(references) > 0 {
		return &unknownError{use: use, reference: references[0]}
	}
	return fmt.Errorf("%s would show the secret %q (%s)", use, t.secret(), secretHint)
}

// boundary is the error of a condition or a comparison: nil for a secret, which
// can be compared.
func (t *text) boundary(use string) error {
	if references := t.text.References(); len(references) > 0 {
		return &unknownError{use: use, reference: references[0], boundary: true}
	}
	return nil
}

// secret is the name of the first secret in t.
func (t *text) secret() string { return secretOf(t.text) }

func secretOf(t engine.Text) string {
	for _, p := range t {
		if p.Secret != "" {
			return p.Secret
		}
		if name := secretOf(p.Quoted); name != "" {
			return name
		}
	}
	return ""
}

// plain is the value of a secret, for comparisons; other values are themselves.
func plain(v starlark.Value) starlark.Value {
	if t, ok := v.(*text); ok {
		if value, known := t.text.Known(); known {
			return starlark.String(value)
		}
	}
	return v
}

// String is for print and fail. Anything else that turns the value into text
// got around the guards (a method value of a string, say): the text would be
// taken for a known one, so the evaluation ends.
func (t *text) String() string {
	if !t.e.printing {
		t.e.stop(t.refuse("this conversion to text").Error(), "")
	}
	return t.text.Display()
}

func (t *text) Type() string {
	if len(t.text.References()) > 0 {
		return "value that is not known yet"
	}
	return "secret"
}

func (t *text) Freeze()               {}
func (t *text) Hash() (uint32, error) { return 0, t.refuse("a dictionary key") }

// Truth has no way to fail, so it stops the evaluation. Conditions in files do
// not come here; any, all and bool of the library do.
func (t *text) Truth() starlark.Bool {
	value, known := t.text.Known()
	if !known {
		t.e.stop(t.refuse("its truth").Error(), unknownHint)
	}
	return value != ""
}

// Attr refuses every method of a string.
func (t *text) Attr(name string) (starlark.Value, error) {
	return nil, t.refuse("." + name)
}

// AttrNames returns the methods that the value will have.
func (t *text) AttrNames() []string { return starlark.String("").AttrNames() }

// Get makes an index expression fail with a reason.
func (t *text) Get(starlark.Value) (starlark.Value, bool, error) {
	return nil, false, t.refuse("indexing")
}

// CompareSameType refuses to compare: the guards do, where that is possible.
func (t *text) CompareSameType(op syntax.Token, _ starlark.Value, _ int) (bool, error) {
	return false, t.refuse(op.String())
}

// MarshalJSON is for json.encode, whose guard finds the value again.
func (t *text) MarshalJSON() ([]byte, error) {
	if t.e.encoding == nil {
		return nil, t.refuse("json.encode")
	}
	return t.e.encoding.placeholder(engine.Quote(t.text)), nil
}

// Binary implements + with strings and other texts.
func (t *text) Binary(op syntax.Token, y starlark.Value, side starlark.Side) (starlark.Value, error) {
	if op != syntax.PLUS {
		return nil, t.refuse(op.String())
	}
	other, ok := textOf(y)
	if !ok {
		return nil, nil // starlark-go says which types do not go together
	}
	if side == starlark.Left {
		return &text{t.e, engine.Join(t.text, other)}, nil
	}
	return &text{t.e, engine.Join(other, t.text)}, nil
}

// textOf returns the text of a string or a text.
func textOf(v starlark.Value) (engine.Text, bool) {
	switch v := v.(type) {
	case starlark.String:
		return engine.Literal(string(v)), true
	case *text:
		return v.text, true
	}
	return nil, false
}

// value is a string where that says all, and else a text.
func (e *evaluation) value(t engine.Text) starlark.Value {
	if value, known := t.Known(); known && !t.HasSecret() {
		return starlark.String(value)
	}
	return &text{e, t}
}

// findText returns a text in v or in what v holds, for which is is true.
func findText(v starlark.Value, is func(*text) bool) (*text, bool) {
	return finder{is: is, seen: map[starlark.Value]bool{}}.find(v)
}

// findAny returns a text in v or in what v holds.
func findAny(v starlark.Value) (*text, bool) {
	return findText(v, func(*text) bool { return true })
}

// findUnknown returns a value that is not known yet in v or in what v holds.
func findUnknown(v starlark.Value) (*text, bool) {
	return findText(v, func(t *text) bool { return len(t.text.References()) > 0 })
}

// A finder remembers the containers it has looked into: one may be held many
// times, and by itself.
type finder struct {
	is    func(*text) bool
	seen  map[starlark.Value]bool
	depth int // what is deeper than maxDepth can be neither compared nor written
}

func (f finder) find(v starlark.Value) (*text, bool) {
	if f.depth++; f.depth > maxDepth {
		return nil, false
	}
	switch v := v.(type) {
	case *text:
		return v, f.is(v)
	case *starlark.Dict:
		if f.again(v) {
			return nil, false
		}
		for _, item := range v.Items() {
			if t, ok := f.find(item[1]); ok { // a key is never a text
				return t, true
			}
		}
	case *starlarkstruct.Struct:
		if f.again(v) {
			return nil, false
		}
		for _, name := range v.AttrNames() {
			field, _ := v.Attr(name)
			if t, ok := f.find(field); ok {
				return t, true
			}
		}
	case *starlark.List:
		if f.again(v) {
			return nil, false
		}
		return f.findIn(v)
	case starlark.Tuple:
		return f.findIn(v) // holds only what is older, so there are no circles
	}
	return nil, false
}

func (f finder) findIn(sequence starlark.Indexable) (*text, bool) {
	for i := range sequence.Len() {
		if t, ok := f.find(sequence.Index(i)); ok {
			return t, true
		}
	}
	return nil, false
}

func (f finder) again(v starlark.Value) bool {
	before := f.seen[v]
	f.seen[v] = true
	return before
}
