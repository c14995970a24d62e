package lang

import (
	"errors"
	"fmt"

	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"
	"go.starlark.net/syntax"

	"slapstar/engine"
	"slapstar/internal/function"
)

// A Text is a string that is more than its letters: it holds at least one
// connection parameter which is not known yet, or a secret, or something that the
// Master has and that looks like a credential. It can become part of more text, and a
// parameter. It has no truth, no length and no order; but a secret has a truth, and can be
// compared with another one. Some functions and methods flow: they run when the value is
// known (see derive).
type Text struct {
	e    *Evaluation
	text engine.Text
	form form
	cut  function.Function // of a list: what gives its pieces, but for the index

	number starlark.Value // a number or a truth that is followed, see [Follow]; else nil
}

var (
	_ starlark.HasBinary  = (*Text)(nil)
	_ starlark.HasUnary   = (*Text)(nil)
	_ starlark.HasAttrs   = (*Text)(nil)
	_ starlark.Mapping    = (*Text)(nil)
	_ starlark.Comparable = (*Text)(nil)
)

// An UnknownError is a use of a value that is not known yet, which would have to
// guess.
type UnknownError struct {
	Use       string // what was tried, such as `==`
	Reference engine.Reference
	Secret    string // not empty: it is the value of a secret, which is withheld
	boundary  bool   // of a condition or a comparison: what is behind it is the next stage
}

const unknownHint = "use it only inside the parameters of another request: through +, %, .format or json.encode; or in a condition, and what is behind that is planned once the instance has published it"

func (e *UnknownError) Error() string {
	if e.Secret != "" {
		return fmt.Sprintf("%s needs the value of the secret %q, without which this is planned", e.Use, e.Secret)
	}
	of := "the value of "
	if e.Reference.Kind != "" {
		of = ""
	}
	return fmt.Sprintf("%s needs %s%v, which is not known yet", e.Use, of, e.Reference)
}

const secretHint = "use it only inside the parameters of a request: through +, %, .format or json.encode; a condition may ask whether it is empty, and == whether it is another secret"

const credentialHint = "use it only inside the parameters of another request: through +, %, .format or json.encode; json.decode takes a document apart, in which only what looks like a credential is hidden"

// IsUnknown reports whether an error is a use of a value that is not known yet.
func IsUnknown(err error) bool { return errors.As(err, new(*UnknownError)) }

// IsBoundary reports whether an error is the end of a stage: a condition or a
// comparison needs a value that is not known yet.
func IsBoundary(err error) bool {
	u, ok := errors.AsType[*UnknownError](err)
	return ok && u.boundary
}

// Value returns what the text is made of.
func (t *Text) Value() engine.Text { return t.text }

// Refuse returns the error of a use that a value does not allow.
func (t *Text) Refuse(use string) error { return Refuse(t.text, use) }

// Refuse returns the error of a use that a text does not allow: it is not known yet,
// or secret, or looks like a credential.
func Refuse(t engine.Text, use string) error {
	if references := t.References(); len(references) > 0 {
		return Hint(&UnknownError{Use: use, Reference: references[0]}, unknownHint)
	}
	if name := secretOf(t); name != "" {
		return Hint(&shownError{use, fmt.Sprintf("the secret %q", name)}, secretHint)
	}
	if c := t.Credential(); c != nil {
		return refuseCredential(*c, use)
	}
	return &lostError{use, t} // nobody sees that, see traced and Follow
}

func refuseCredential(c engine.Credential, use string) error {
	return Hint(&shownError{use, fmt.Sprintf("%v, which looks like a credential", c)}, credentialHint)
}

// boundary is the error of a condition or a comparison: nil for a secret, which
// can be compared. What will look like a credential is refused as if it were there:
// the next stage would be.
func (t *Text) boundary(use string) error {
	if c := t.text.Credential(); c != nil {
		return refuseCredential(*c, use)
	}
	references := t.text.References()
	for _, r := range references {
		if r.LooksCredential() {
			return refuseCredential(r.Credential(), use)
		}
	}
	if len(references) > 0 {
		return Hint(&UnknownError{Use: use, Reference: references[0], boundary: true}, unknownHint)
	}
	if name := t.text.Withheld(); name != "" {
		return &UnknownError{Use: use, Secret: name, boundary: true}
	}
	return nil
}

// secretOf is the name of the first secret in t.
func secretOf(t engine.Text) string {
	for _, p := range t {
		if p.Secret != "" {
			return p.Secret
		}
		if name := secretOf(p.Inner()); name != "" {
			return name
		}
	}
	return ""
}

// String is for print and fail. Anything else that turns the value into text
// got around the guards (a method value of a string, say): the text would be
// taken for a known one, so the evaluation ends.
func (t *Text) String() string {
	if t.e.writing != nil {
		return t.e.writing.placeholderOf(t)
	}
	if !t.e.printing {
		t.e.Stop(t.Refuse("this conversion to text"))
	}
	return t.text.Display()
}

func (t *Text) Type() string {
	switch {
	case len(t.text.References()) > 0:
		return "value that is not known yet"
	case t.text.HasSecret():
		return "secret"
	}
	return "credential"
}

func (t *Text) Freeze() {}
func (t *Text) Hash() (uint32, error) {
	if t.number != nil {
		t.e.follow.lose(t.text) // starlark-go does not hand on the error of a set
	}
	return 0, t.Refuse("a dictionary key")
}

// Truth has no way to fail, so it stops the evaluation. Conditions in files do
// not come here; any, all and bool of the library do.
func (t *Text) Truth() starlark.Bool {
	if t.number != nil {
		return t.number.Truth()
	}
	value, known := t.text.Known()
	switch name := t.text.Withheld(); {
	case name != "" && t.answersTruth():
		t.e.Stop(&UnknownError{Use: "its truth", Secret: name})
	case !known || !t.answersTruth():
		t.e.Stop(t.Refuse("its truth"))
	}
	return value != ""
}

// AttrNames returns the methods that the value will have.
func (t *Text) AttrNames() []string { return starlark.String("").AttrNames() }

// CompareSameType refuses to compare: the guards do, where that is possible.
func (t *Text) CompareSameType(op syntax.Token, _ starlark.Value, _ int) (bool, error) {
	return false, t.Refuse(op.String())
}

// MarshalJSON is for json.encode, whose guard finds the value again.
func (t *Text) MarshalJSON() ([]byte, error) {
	if t.e.encoding == nil {
		return nil, t.Refuse("json.encode")
	}
	if t.form == aList {
		return nil, t.Refuse("json.encode")
	}
	if t.form.isBare() {
		return t.e.encoding.placeholder(t.text), nil
	}
	return t.e.encoding.placeholder(engine.Quote(t.text)), nil
}

// Binary implements + with strings and other texts.
func (t *Text) Binary(op syntax.Token, y starlark.Value, side starlark.Side) (starlark.Value, error) {
	if t.number != nil {
		return t.numberBinary(op, y, side)
	}
	anyType := t.form == anOutput
	t = t.asString()
	if op != syntax.PLUS || t.form > aNumber {
		return nil, t.Refuse(op.String())
	}
	if other, ok := y.(*Text); ok && other.asString().form > aNumber {
		return nil, other.Refuse(op.String())
	}
	other, ok := t.e.TextOf(y)
	if !ok && anyType { // it may be a number or a list
		return nil, t.Refuse(op.String())
	}
	if !ok {
		return nil, nil // starlark-go says which types do not go together
	}
	if side == starlark.Left {
		return t.e.Value(engine.Join(t.text, other)), nil
	}
	return t.e.Value(engine.Join(other, t.text)), nil
}

// TextOf returns the text of a string or a text; not of one that will be a list.
func (e *Evaluation) TextOf(v starlark.Value) (engine.Text, bool) {
	if s, ok := v.(starlark.String); ok {
		return e.StringText(s), true
	}
	return PlainText(v)
}

// PlainText is [Evaluation.TextOf] without where a string comes from.
func PlainText(v starlark.Value) (engine.Text, bool) {
	switch v := v.(type) {
	case starlark.String:
		return engine.Literal(string(v)), true
	case *Text:
		return v.asString().text, v.form != aList
	}
	return nil, false
}

// Value returns a string where that says all, and else a Text. The string knows what it is
// made of.
func (e *Evaluation) Value(t engine.Text) starlark.Value {
	if value, known := t.Known(); known && !t.Hidden() {
		return e.remember(value, t)
	}
	return &Text{e: e, text: t}
}

// findText returns a text in v or in what v holds, for which is is true.
func findText(v starlark.Value, is func(*Text) bool) (*Text, bool) {
	return finder{is: is, seen: map[starlark.Value]bool{}, tuples: map[Identity]bool{}}.find(v)
}

// findAny returns a text in v or in what v holds.
func findAny(v starlark.Value) (*Text, bool) {
	return findText(v, func(*Text) bool { return true })
}

// findUnknown returns a value that is not known yet in v or in what v holds.
func findUnknown(v starlark.Value) (*Text, bool) {
	return findText(v, func(t *Text) bool { return len(t.text.References()) > 0 })
}

// A finder remembers the containers it has looked into: one may be held many
// times, and by itself.
type finder struct {
	is     func(*Text) bool
	seen   map[starlark.Value]bool
	tuples map[Identity]bool
	depth  int // what is deeper than maxDepth can be neither compared nor written
}

func (f finder) find(v starlark.Value) (*Text, bool) {
	if f.depth++; f.depth > maxDepth {
		return nil, false
	}
	switch v := v.(type) {
	case *Text:
		return v, f.is(v)
	case *Document:
		return f.find(v.held)
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
		if f.tuples[IdentityOf(v)] {
			return nil, false
		}
		f.tuples[IdentityOf(v)] = true
		return f.findIn(v)
	}
	return nil, false
}

func (f finder) findIn(sequence starlark.Indexable) (*Text, bool) {
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

// IsHidden reports whether an error is a use that a value does not allow: it is not known
// yet, or not to be shown.
func IsHidden(err error) bool {
	return IsUnknown(err) || errors.As(err, new(*shownError))
}

// A shownError is a use that would show a value.
type shownError struct{ use, what string }

func (e *shownError) Error() string { return e.use + " would show " + e.what }
