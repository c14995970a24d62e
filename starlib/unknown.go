package starlib

import (
	"errors"
	"fmt"
	"strconv"
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
	_ starlark.HasBinary = unknown{}
	_ starlark.HasAttrs  = unknown{}
	_ starlark.Mapping   = unknown{}
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

func (u unknown) refuse(use string) error {
	return &unknownError{use: use, reference: u.text.References()[0]}
}

// String returns the text with a token for each missing value. It ends in
// places that the guards do not see; a token found there is an error.
func (u unknown) String() string {
	var b strings.Builder
	for _, p := range u.text {
		b.WriteString(p.Literal)
		if p.Reference != nil {
			b.WriteString(u.e.token() + strconv.Quote(p.Reference.Instance) + u.e.token())
		}
	}
	return b.String()
}

func (u unknown) Type() string          { return "value that is not known yet" }
func (u unknown) Freeze()               {}
func (u unknown) Hash() (uint32, error) { return 0, u.refuse("a dictionary key") }

// Truth has no way to fail, so it stops the evaluation. Conditions in files do
// not come here; any, all and bool of the library do.
func (u unknown) Truth() starlark.Bool {
	u.e.misuse = u.refuse("its truth")
	u.e.thread.Cancel("unknown value")
	return false
}

// Attr refuses every method of a string.
func (u unknown) Attr(name string) (starlark.Value, error) {
	return nil, u.refuse("." + name)
}

// AttrNames returns the methods that the value will have.
func (u unknown) AttrNames() []string { return starlark.String("").AttrNames() }

// Get makes an index expression fail with a reason.
func (u unknown) Get(starlark.Value) (starlark.Value, bool, error) {
	return nil, false, u.refuse("indexing")
}

// MarshalJSON makes json.encode fail with a reason.
func (u unknown) MarshalJSON() ([]byte, error) { return nil, u.refuse("json.encode") }

// Binary implements + with strings and other unknown values.
func (u unknown) Binary(op syntax.Token, y starlark.Value, side starlark.Side) (starlark.Value, error) {
	if op != syntax.PLUS {
		return nil, u.refuse(op.String())
	}
	other, ok := textOf(y)
	if !ok {
		return nil, nil // starlark-go says which types do not go together
	}
	if side == starlark.Left {
		return unknown{u.e, engine.Join(u.text, other)}, nil
	}
	return unknown{u.e, engine.Join(other, u.text)}, nil
}

// textOf returns the text of a string or an unknown value.
func textOf(v starlark.Value) (engine.Text, bool) {
	switch v := v.(type) {
	case starlark.String:
		return engine.Literal(string(v)), true
	case unknown:
		return v.text, true
	}
	return nil, false
}

// maxNesting bounds how deep findUnknown looks. Deeper values, and those that
// hold themselves, are refused by what they are used for.
const maxNesting = 64

// findUnknown returns an unknown value in v or in what v holds.
func findUnknown(v starlark.Value, depth int) (unknown, bool) {
	if depth > maxNesting {
		return unknown{}, false
	}
	switch v := v.(type) {
	case unknown:
		return v, true
	case *starlark.Dict:
		for _, item := range v.Items() {
			if u, ok := findUnknown(item[1], depth+1); ok { // a key is never unknown
				return u, true
			}
		}
	case *starlarkstruct.Struct:
		for _, name := range v.AttrNames() {
			field, _ := v.Attr(name)
			if u, ok := findUnknown(field, depth+1); ok {
				return u, true
			}
		}
	case *starlark.List, starlark.Tuple:
		sequence := v.(starlark.Indexable)
		for i := range sequence.Len() {
			if u, ok := findUnknown(sequence.Index(i), depth+1); ok {
				return u, true
			}
		}
	}
	return unknown{}, false
}

// A token marks unknown values in text: private-use characters around a random
// number, so that it occurs in no file. The quote in it does not survive %r;
// a changed token can be told.
func (e *evaluation) token() string { return "\uE0F0\"" + e.random + "\uE0F1" }

// untoken makes text that people read out of text with tokens.
func (e *evaluation) untoken(s string) string {
	for {
		before, rest, found := strings.Cut(s, e.token())
		name, after, closed := strings.Cut(rest, e.token())
		if !found || !closed {
			return s
		}
		if plain, err := strconv.Unquote(name); err == nil {
			name = plain
		}
		s = before + "(known after " + name + ")" + after
	}
}

var errHidden = errors.New("a value that is not known yet was made into text in a way that cannot be followed; use +, % or .format")

// plain refuses text in which an unknown value hides.
func (e *evaluation) plain(s string) error {
	if strings.Contains(s, e.random) || strings.Contains(s, "\uE0F0") && strings.Contains(strings.ToUpper(s), e.random) {
		return errHidden
	}
	return nil
}
