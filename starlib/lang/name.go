package lang

import (
	"fmt"

	"go.starlark.net/starlark"

	"slapstar/engine"
	"slapstar/slap/marshal"
)

// The types in this file check arguments where they are unpacked.

// A Name is text that identifies something: it must be known and not empty.
type Name string

// Unpack implements [starlark.Unpacker].
func (n *Name) Unpack(v starlark.Value) error {
	switch v := v.(type) {
	case *Text:
		return v.Refuse("this argument")
	case *Mistake:
		return ErrMistake
	case starlark.String:
		if v == "" {
			return fmt.Errorf("got an empty string")
		}
		*n = Name(v)
		if err := marshal.CheckText(string(v)); err != nil {
			return err
		}
		return CheckShown(string(v))
	}
	return fmt.Errorf("got %s, want string", v.Type())
}

// CheckShown refuses a text that was copied from what slapstar shows.
func CheckShown(s string) error {
	shown := engine.Shown(s)
	if shown == "" {
		return nil
	}
	return Hint(fmt.Errorf("got a text with %q, which stands for a value that is not shown", shown),
		"write the value itself, or secret(NAME)")
}

// Names are names in a list or tuple.
type Names []string

// Unpack implements [starlark.Unpacker].
func (t *Names) Unpack(v starlark.Value) error {
	list, ok := v.(starlark.Indexable)
	if _, isString := v.(starlark.String); !ok || isString {
		return fmt.Errorf("got %s, want a list", v.Type())
	}
	for i := range list.Len() {
		var n Name
		if err := n.Unpack(list.Index(i)); err != nil {
			return fmt.Errorf("item %d: %w", i, err)
		}
		*t = append(*t, string(n))
	}
	return nil
}
